#include "agent/sockets/net_reset.h"
#include "tests/kernel/sockets_dialer.h"

namespace fracas::test {
namespace {

std::unique_ptr<agent::TimedEffect> make_reset(const os::NetNamespace& netns, const agent::NetResetRule& rule) {
  std::unique_ptr<agent::TimedEffect> effect;
  const auto made = netns.run([&]() -> Status {
    auto reset = agent::make_net_reset(rule);
    if (!reset) return failure(std::move(reset).error());
    effect = std::move(*reset);
    return {};
  });
  INFO((made ? std::string() : made.error().message));
  REQUIRE(made);
  return effect;
}

void act_now(agent::TimedEffect& effect) {
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(effect.arm({now, now + kMs}));
  REQUIRE(effect.next_ns() == now);
  const auto done = effect.tick(now);
  INFO((done ? std::string() : done.error().message));
  REQUIRE(done);
  REQUIRE_FALSE(effect.next_ns());
}

// What the process gets that is connected to `target`, and what its peer gets.
struct Line {
  os::UniqueFd listener;
  std::unique_ptr<Dialer> dialer;
  os::UniqueFd accepted;

  Line(const NetPair& pair, const std::string& to, std::uint16_t port) {
    const Address target = address(to, port);
    listener = listen_at(pair.b, target);
    dialer = std::make_unique<Dialer>(pair.a, target);
    dialer->dial();
    const auto connected = dialer->outcome();
    REQUIRE(connected);
    REQUIRE(connected->error == 0);
    accepted = accept_from(listener);
  }
  int peer_error() const {
    receive_at_most(accepted, std::chrono::seconds(2));
    char byte = 0;
    return ::recv(accepted.get(), &byte, 1, 0) < 0 ? errno : 0;
  }
  bool carries() const { return ::send(accepted.get(), "x", 1, MSG_NOSIGNAL) == 1 && dialer->outcome()->error == 0; }
};

}  // namespace

TEST_CASE("net.reset: both ends of a live connection see it cut, in IPv4 and IPv6", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Line ipv4(pair, "10.77.0.2", 7001);
  const Line ipv6(pair, "fd77::2", 7002);
  const auto effect = make_reset(pair.a, {.peers = {"10.77.0.0/24", "fd77::2"}});
  act_now(*effect);
  CHECK(ipv4.dialer->outcome()->error == ECONNABORTED);
  CHECK(ipv6.dialer->outcome()->error == ECONNABORTED);
  CHECK(ipv4.peer_error() == ECONNRESET);
  CHECK(ipv6.peer_error() == ECONNRESET);
  const auto counters = effect->counters();
  CHECK(counters.matched == 2);
  CHECK(counters.affected == 2);
  CHECK(counters.first_ns > 0);
  REQUIRE(effect->revert());
  const Line again(pair, "10.77.0.2", 7003);
  CHECK(again.carries());
}

TEST_CASE("net.reset: other ports, other peers, ssh and the agent's own sockets are left alone", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Line victim(pair, "10.77.0.2", 7001);
  const Line other_port(pair, "10.77.0.2", 7002);
  const Line other_peer(pair, "fd77::2", 7001);
  const Line ssh(pair, "10.77.0.2", 22);
  TcpFlow own = tcp_flow(pair.a, pair.b, "10.77.0.2", 7004);
  const auto effect = make_reset(pair.a, {.peers = {"10.77.0.2"}, .ports = {{7001, 7001}, {7004, 7004}, {22, 22}}});
  act_now(*effect);
  CHECK(victim.dialer->outcome()->error == ECONNABORTED);
  CHECK(other_port.carries());
  CHECK(other_peer.carries());
  CHECK(ssh.carries());
  CHECK(tcp_carries(own, std::chrono::seconds(1)));
  CHECK(effect->counters().matched == 1);
  CHECK(effect->counters().affected == 1);
}

TEST_CASE("net.reset: without peers it means everybody but the host itself", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Line far(pair, "10.77.0.2", 7001);
  const Address here = address("127.0.0.1", 7002);
  const os::UniqueFd listener = listen_at(pair.a, here);
  const Dialer near(pair.a, here);
  near.dial();
  REQUIRE(near.outcome()->error == 0);
  const os::UniqueFd accepted = accept_from(listener);
  const auto effect = make_reset(pair.a, {});
  act_now(*effect);
  CHECK(far.dialer->outcome()->error == ECONNABORTED);
  CHECK(::send(accepted.get(), "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(near.outcome()->error == 0);
  CHECK(effect->counters().affected == 1);
}

TEST_CASE("net.reset: with nothing to cut nothing is counted", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const auto effect = make_reset(pair.a, {});
  act_now(*effect);
  CHECK(effect->counters() == model::EffectCounters{});
}

TEST_CASE("net.reset: hundreds of connections are cut in one go", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  const Address target = address("10.77.0.2", 7001);
  const os::UniqueFd listener = listen_at(pair.b, target);
  // A process of its own holds them: ours are spared.
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  constexpr int kCount = 300;
  const pid_t child = ::fork();
  if (child == 0) {
    static_cast<void>(::setns(pair.a.fd(), CLONE_NEWNET));
    for (int i = 0; i < kCount; ++i) {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      if (::connect(socket, target.get(), target.size) != 0) ::_exit(1);
      static_cast<void>(::write(ready[1], "c", 1));
    }
    ::pause();
    ::_exit(0);
  }
  std::vector<os::UniqueFd> accepted;
  for (int i = 0; i < kCount; ++i) accepted.push_back(accept_from(listener));
  for (int i = 0; i < kCount; ++i) {
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
  }
  const auto effect = make_reset(pair.a, {.peers = {"10.77.0.2"}});
  act_now(*effect);
  CHECK(effect->counters().affected == kCount);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace fracas::test
