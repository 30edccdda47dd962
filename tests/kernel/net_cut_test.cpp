#include <poll.h>

#include "tests/kernel/net_pair.h"

using namespace fracas::test;
using fracas::agent::NetCut;
using fracas::agent::NetRule;
using std::chrono::milliseconds;

namespace {

NetRule cut(NetCut how) {
  return {.kind = "net.partition", .from = {"10.77.0.2", "fd77::2"}, .to = {"10.77.0.2", "fd77::2"}, .cut = how};
}

// The errno of a connection attempt, 0 for one that works, ETIMEDOUT when nothing comes back.
int connect_error(const fracas::os::NetNamespace& from, const std::string& there, std::uint16_t port) {
  const Address target = address(there, port);
  const auto socket = open_socket(from, target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK);
  if (::connect(socket.get(), target.get(), target.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{socket.get(), POLLOUT, 0};
  if (::poll(&waiting, 1, 300) == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  REQUIRE(::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0);
  return error;
}

fracas::os::UniqueFd listen_on(const fracas::os::NetNamespace& netns, const std::string& here, std::uint16_t port) {
  const Address target = address(here, port);
  auto socket = open_socket(netns, target.storage.ss_family, SOCK_STREAM);
  REQUIRE(::bind(socket.get(), target.get(), target.size) == 0);
  REQUIRE(::listen(socket.get(), 16) == 0);
  return socket;
}

int receive_error(const fracas::os::UniqueFd& socket) {
  receive_at_most(socket, milliseconds(500));
  char byte = 0;
  const auto got = ::recv(socket.get(), &byte, 1, 0);
  return got < 0 ? errno : 0;
}

}  // namespace

TEST_CASE("net.partition: reject answers at once, to senders here and there", "[kernel][agent][vm]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, cut(NetCut::reject));
  for (const auto& [here, there] : {std::pair("10.77.0.1", "10.77.0.2"), std::pair("fd77::1", "fd77::2")}) {
    INFO(there);
    const auto out = tcp_flow(pair.a, pair.b, there, 4000);
    const auto in = tcp_flow(pair.b, pair.a, here, 4001);
    const auto listener_there = listen_on(pair.b, there, 4002);
    const auto listener_here = listen_on(pair.a, here, 4003);
    auto udp_out = udp_flow(pair.a, pair.b, there, 4000);
    auto udp_in = udp_flow(pair.b, pair.a, here, 4001);
    const char byte = 'x';
    arm_now(*plane, *effect);
    REQUIRE(::send(out.from.get(), &byte, 1, MSG_NOSIGNAL) == 1);
    CHECK(receive_error(out.from) == ECONNRESET);
    REQUIRE(::send(in.from.get(), &byte, 1, MSG_NOSIGNAL) == 1);
    CHECK(receive_error(in.from) == ECONNRESET);
    CHECK(connect_error(pair.a, there, 4002) == ECONNREFUSED);
    CHECK(connect_error(pair.b, here, 4003) == ECONNREFUSED);
    udp_out.send();
    CHECK(receive_error(udp_out.from) == ECONNREFUSED);
    udp_in.send();
    CHECK(receive_error(udp_in.from) == ECONNREFUSED);
    CHECK(udp_out.receive_all().empty());
    CHECK(udp_in.receive_all().empty());
    REQUIRE(effect->arm({1, 2}));
    CHECK(connect_error(pair.a, there, 4002) == 0);
    CHECK(connect_error(pair.b, here, 4003) == 0);
  }
  CHECK(effect->counters().affected >= 12);
  REQUIRE(effect->revert());
}

TEST_CASE("net.partition: reject resets a sender of large segments too", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, cut(NetCut::reject));
  const auto flow = tcp_flow(pair.a, pair.b, "10.77.0.2", 4000);
  const std::vector<char> data(1 << 20, 'x');
  arm_now(*plane, *effect);
  REQUIRE(::send(flow.from.get(), data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0);
  CHECK(receive_error(flow.from) == ECONNRESET);
}

TEST_CASE("net.partition: new-only keeps what is connected and stops new connections", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, cut(NetCut::new_only));
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    const auto flow = tcp_flow(pair.a, pair.b, there, 4000);
    const auto listener = listen_on(pair.b, there, 4001);
    auto udp = udp_flow(pair.a, pair.b, there, 4000);
    arm_now(*plane, *effect);
    CHECK(tcp_carries(flow, milliseconds(500)));
    CHECK(connect_error(pair.a, there, 4001) == ETIMEDOUT);
    udp.send(5);
    CHECK(udp.receive_all().size() == 5);
    REQUIRE(effect->arm({1, 2}));
    CHECK(connect_error(pair.a, there, 4001) == 0);
  }
  CHECK(effect->counters().affected >= 2);
}

TEST_CASE("net.partition: established-only cuts what was connected and lets new connections work", "[kernel][agent]") {
  FRACAS_NEEDS_NET_RIGHTS();
  const NetPair pair = make_pair();
  auto plane = open_plane(pair.a);
  auto effect = prepare(*plane, cut(NetCut::established_only));
  for (const auto* there : {"10.77.0.2", "fd77::2"}) {
    const auto old = tcp_flow(pair.a, pair.b, there, 4000);
    arm_now(*plane, *effect);
    CHECK_FALSE(tcp_carries(old, milliseconds(100)));
    const auto fresh = tcp_flow(pair.a, pair.b, there, 4001);
    CHECK(tcp_carries(fresh, milliseconds(500)));
    CHECK_FALSE(tcp_carries(old, milliseconds(100)));
    REQUIRE(effect->arm({1, 2}));
    CHECK(tcp_carries(old, milliseconds(5000)));
  }
  CHECK(effect->counters().affected >= 2);
}
