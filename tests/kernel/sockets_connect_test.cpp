#include "agent/sockets/net_connect.h"

#include <array>

#include "tests/kernel/sockets_dialer.h"

namespace fracas::test {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<agent::KeptEffect> make_connect(const agent::NetConnectRule& rule, const TestCgroup& cgroup) {
  auto effect = agent::make_net_connect(rule, {cgroup.path()});
  INFO((effect ? std::string() : effect.error().message));
  REQUIRE(effect);
  return std::move(*effect);
}

void arm_for(agent::Effect& effect, Duration length) {
  const std::int64_t now = os::boot_now_ns();
  effect.renew(kForever);
  REQUIRE(effect.arm({now, now + length.count()}));
}

struct Scene {
  NetPair pair = make_pair();
  TestCgroup cgroup{"connect"};
  Address ipv4 = address("10.77.0.2", 7001);
  Address ipv6 = address("fd77::2", 7001);
  os::UniqueFd listener4 = listen_at(pair.b, ipv4);
  os::UniqueFd listener6 = listen_at(pair.b, ipv6);

  // A process of the victim's cgroup, or of nobody's.
  Dialer::Outcome dial(const Address& target, bool victim = true, int patience_ms = 3000) const {
    const Dialer dialer(pair.a, target);
    if (victim) cgroup.add(dialer.pid());
    dialer.dial();
    return dialer.outcome(patience_ms).value_or(Dialer::Outcome{ETIMEDOUT, -1});
  }
};

}  // namespace

TEST_CASE("net.connect: refuses at once, the victim's attempts alone", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  const auto effect = make_connect({}, scene.cgroup);
  CHECK(scene.dial(scene.ipv4).error == 0);
  arm_for(*effect, 1h);
  CHECK(scene.dial(scene.ipv4).error == ECONNREFUSED);
  CHECK(scene.dial(scene.ipv6).error == ECONNREFUSED);
  CHECK(scene.dial(scene.ipv4, false).error == 0);
  const auto counters = effect->counters();
  CHECK(counters.matched == 2);
  CHECK(counters.affected == 2);
  CHECK(counters.first_ns < counters.last_ns);
  REQUIRE(effect->revert());
  CHECK(scene.dial(scene.ipv4).error == 0);
  CHECK(effect->counters() == counters);
}

TEST_CASE("net.connect: peers and ports narrow it", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  const Address other = address("10.77.0.2", 7002);
  const os::UniqueFd listener = listen_at(scene.pair.b, other);
  const auto effect =
      make_connect({.peers = {"10.77.0.0/30"}, .ports = {{7001, 7001}}, .outcome = agent::ConnectOutcome::unreachable},
                   scene.cgroup);
  arm_for(*effect, 1h);
  CHECK(scene.dial(scene.ipv4).error == EHOSTUNREACH);
  CHECK(scene.dial(scene.ipv6).error == 0);
  CHECK(scene.dial(other).error == 0);
  CHECK(effect->counters().matched == 1);
}

TEST_CASE("net.connect: a timeout hangs, and ends by itself with the window", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  const auto effect = make_connect({.outcome = agent::ConnectOutcome::timeout}, scene.cgroup);
  arm_for(*effect, 700ms);
  const auto hung = scene.dial(scene.ipv4);
  // The SYN is sent again after one second, and then it passes.
  CHECK(hung.error == 0);
  CHECK(hung.took_ns >= 700 * kMs);
  CHECK(effect->counters().affected == 1);
}

TEST_CASE("net.connect: nothing acts without a lease", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  const auto effect = make_connect({}, scene.cgroup);
  const std::int64_t now = os::boot_now_ns();
  REQUIRE(effect->arm({now, kForever}));
  CHECK(scene.dial(scene.ipv4).error == 0);
  effect->renew(os::boot_now_ns() + 300 * kMs);
  CHECK(scene.dial(scene.ipv4).error == ECONNREFUSED);
  os::sleep_until_boot_ns(os::boot_now_ns() + 300 * kMs);
  CHECK(scene.dial(scene.ipv4).error == 0);
}

TEST_CASE("net.connect: a slow connect takes what was asked, and then works", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  const auto effect = make_connect({.outcome = agent::ConnectOutcome::slow, .delay = 150ms}, scene.cgroup);
  // The first packets of all wait for neighbour discovery.
  for (const Address& target : {scene.ipv4, scene.ipv6}) REQUIRE(scene.dial(target).error == 0);
  arm_for(*effect, 1h);
  for (const Address& target : {scene.ipv4, scene.ipv6}) {
    const auto slow = scene.dial(target);
    CHECK(slow.error == 0);
    CHECK(slow.took_ns >= 150 * kMs);
    CHECK(slow.took_ns < 400 * kMs);
  }
  CHECK(scene.dial(scene.ipv4, false).took_ns < 100 * kMs);
  CHECK(effect->counters().affected == 2);
}

TEST_CASE("net.connect: a share of the attempts is hit, the same ones for the same seed", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  std::vector<std::string> outcomes;
  for (int round = 0; round < 2; ++round) {
    const auto effect = make_connect({.share = 0.5, .seed = 7}, scene.cgroup);
    arm_for(*effect, 1h);
    std::string hits;
    for (int i = 0; i < 20; ++i) hits += scene.dial(scene.ipv4).error == ECONNREFUSED ? 'x' : '.';
    CHECK(effect->counters().matched == 20);
    CHECK(effect->counters().affected == static_cast<std::uint64_t>(std::count(hits.begin(), hits.end(), 'x')));
    outcomes.push_back(hits);
  }
  CHECK(outcomes[0] == outcomes[1]);
  CHECK(outcomes[0].find('x') != std::string::npos);
  CHECK(outcomes[0].find('.') != std::string::npos);
}

TEST_CASE("net.connect: copies of its descriptors keep it going until the window ends", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const Scene scene;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t agent = ::fork();
  if (agent == 0) {
    auto effect = agent::make_net_connect({}, {scene.cgroup.path()});
    if (!effect) ::_exit(1);
    arm_for(**effect, 2500ms);
    const std::vector<int> fds = (*effect)->keep_alive_fds();
    static_cast<void>(::write(ends[1], fds.data(), fds.size() * sizeof(int)));
    ::pause();
    ::_exit(0);
  }
  std::array<int, 2> fds{};
  REQUIRE(::read(ends[0], fds.data(), sizeof fds) == sizeof fds);
  const os::UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, agent, 0)));
  std::vector<os::UniqueFd> kept;
  for (const int fd : fds) kept.emplace_back(static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd.get(), fd, 0)));
  ::kill(agent, SIGKILL);
  ::waitpid(agent, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(scene.dial(scene.ipv4).error == ECONNREFUSED);
  os::sleep_until_boot_ns(os::boot_now_ns() + 2500 * kMs);
  CHECK(scene.dial(scene.ipv4).error == 0);
}

TEST_CASE("net.connect: a senseless rule or cgroup is refused by name", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const TestCgroup cgroup("connect");
  CHECK_FALSE(agent::make_net_connect({.share = 0}, {cgroup.path()}));
  CHECK_FALSE(agent::make_net_connect({.outcome = agent::ConnectOutcome::slow}, {cgroup.path()}));
  CHECK_FALSE(agent::make_net_connect({.peers = {"10.0.0.300"}}, {cgroup.path()}));
  const auto nowhere = agent::make_net_connect({}, {cgroup.path() / "absent"});
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == ENOENT);
}

}  // namespace fracas::test
