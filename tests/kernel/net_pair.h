#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/faults/net.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/netlink.h"
#include "lib/os/netns.h"
#include "tests/catch/catch.h"
#include "tests/kernel/net_rights.h"

// Two hosts joined by a veth pair, for tests of network faults: `a` has 10.77.0.1 and fd77::1, `b` 10.77.0.2 and
// fd77::2.
namespace fracas::test {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kForever = std::int64_t{1} << 62;

struct NetPair {
  os::NetNamespace a;
  os::NetNamespace b;
};

inline void set_up_host(const os::NetNamespace& netns, const std::string& link, const std::string& last) {
  auto socket = os::RouteSocket::open_in(netns);
  REQUIRE(socket);
  REQUIRE(os::silence_ipv6(netns, link));
  REQUIRE(socket->add_address(link, "10.77.0." + last + "/24"));
  REQUIRE(socket->add_address(link, "fd77::" + last + "/64"));
  REQUIRE(socket->set_up(link));
}

// A new neighbour of `host`, as `b` is of `a`.
inline os::NetNamespace join_neighbour(const os::NetNamespace& host) {
  auto neighbour = os::NetNamespace::create();
  REQUIRE(neighbour);
  auto socket = os::RouteSocket::open_in(host);
  REQUIRE(socket);
  REQUIRE(socket->create_veth({"va", nullptr}, {"vb", &*neighbour}));
  set_up_host(host, "va", "1");
  set_up_host(*neighbour, "vb", "2");
  return std::move(*neighbour);
}

inline NetPair make_pair() {
  auto a = os::NetNamespace::create();
  REQUIRE(a);
  os::NetNamespace b = join_neighbour(*a);
  return {std::move(*a), std::move(b)};
}

inline std::unique_ptr<agent::NetPlane> open_plane(const os::NetNamespace& netns) {
  std::unique_ptr<agent::NetPlane> plane;
  std::string error;
  REQUIRE(netns.run([&]() -> Status {
    auto opened = agent::NetPlane::open({});
    if (opened)
      plane = std::move(*opened);
    else
      error = opened.error().message;
    return {};
  }));
  INFO(error);
  REQUIRE(plane);
  return plane;
}

inline std::unique_ptr<agent::Effect> prepare(agent::NetPlane& plane, const agent::NetRule& rule) {
  auto effect = plane.prepare(rule);
  INFO((effect ? std::string() : effect.error().message));
  REQUIRE(effect);
  return std::move(*effect);
}

// Acts from now on until it is reverted.
inline void arm_now(agent::NetPlane& plane, agent::Effect& effect) {
  plane.renew(kForever);
  REQUIRE(effect.arm({os::boot_now_ns(), kForever}));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

inline Address address(const std::string& text, std::uint16_t port) {
  Address made;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&made.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&made.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    made.size = sizeof *v4;
  } else {
    REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    made.size = sizeof *v6;
  }
  return made;
}

inline os::UniqueFd open_socket(const os::NetNamespace& netns, int family, int type) {
  os::UniqueFd socket;
  REQUIRE(netns.run([&]() -> Status {
    socket = os::UniqueFd(::socket(family, type | SOCK_CLOEXEC, 0));
    return {};
  }));
  REQUIRE(socket);
  const int bytes = 32 << 20;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  return socket;
}

inline void receive_at_most(const os::UniqueFd& socket, std::chrono::microseconds wait) {
  const timeval limit{wait.count() / 1'000'000, wait.count() % 1'000'000};
  REQUIRE(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
}

// A UDP flow: what `from` sends, `to` receives. Each packet carries its number and the time it was sent.
struct UdpFlow {
  struct Packet {
    std::uint64_t number = 0;
    std::int64_t sent_ns = 0;
    std::int64_t received_ns = 0;
  };
  os::UniqueFd from;
  os::UniqueFd to;
  std::uint64_t sent = 0;
  unsigned send_errors = 0;

  void send(int count = 1, std::chrono::microseconds gap = {}) {
    for (int i = 0; i < count; ++i) {
      const Packet packet{sent++, os::boot_now_ns(), 0};
      if (::send(from.get(), &packet, sizeof packet, 0) < 0) ++send_errors;
      if (gap.count() > 0) std::this_thread::sleep_for(gap);
    }
  }
  std::optional<Packet> receive(std::chrono::microseconds wait) {
    receive_at_most(to, wait);
    Packet packet;
    if (::recv(to.get(), &packet, sizeof packet, 0) != sizeof packet) return std::nullopt;
    packet.received_ns = os::boot_now_ns();
    return packet;
  }
  // All that arrive until nothing has come for so long.
  std::vector<Packet> receive_all(std::chrono::microseconds silence = std::chrono::milliseconds(30)) {
    std::vector<Packet> packets;
    while (auto packet = receive(silence)) packets.push_back(*packet);
    return packets;
  }
};

inline UdpFlow udp_flow(const os::NetNamespace& from, const os::NetNamespace& to, const std::string& to_address,
                        std::uint16_t port) {
  const Address target = address(to_address, port);
  UdpFlow flow;
  flow.to = open_socket(to, target.storage.ss_family, SOCK_DGRAM);
  REQUIRE(::bind(flow.to.get(), target.get(), target.size) == 0);
  flow.from = open_socket(from, target.storage.ss_family, SOCK_DGRAM);
  REQUIRE(::connect(flow.from.get(), target.get(), target.size) == 0);
  // The first packet waits for neighbour discovery, which asks once a second and may not be heard at first.
  int tries = 1;
  for (flow.send(); !flow.receive(std::chrono::milliseconds(1200)); flow.send()) REQUIRE(++tries < 6);
  if (tries > 1) flow.receive_all();  // what waited with it
  return flow;
}

// Whether anything of what is sent now arrives.
inline bool arrives(UdpFlow& flow) {
  flow.receive_all();
  flow.send(5);
  return !flow.receive_all().empty();
}

// A connected TCP pair.
struct TcpFlow {
  os::UniqueFd from;
  os::UniqueFd to;
};

inline TcpFlow tcp_flow(const os::NetNamespace& from, const os::NetNamespace& to, const std::string& to_address,
                        std::uint16_t port) {
  const Address target = address(to_address, port);
  const os::UniqueFd listener = open_socket(to, target.storage.ss_family, SOCK_STREAM);
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  REQUIRE(::bind(listener.get(), target.get(), target.size) == 0);
  REQUIRE(::listen(listener.get(), 4) == 0);
  TcpFlow flow;
  flow.from = open_socket(from, target.storage.ss_family, SOCK_STREAM);
  REQUIRE(::connect(flow.from.get(), target.get(), target.size) == 0);
  flow.to = os::UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(flow.to);
  ::setsockopt(flow.from.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return flow;
}

inline bool tcp_carries(const TcpFlow& flow, std::chrono::milliseconds wait) {
  const char byte = 'x';
  if (::send(flow.from.get(), &byte, 1, MSG_NOSIGNAL) != 1) return false;
  receive_at_most(flow.to, wait);
  char got = 0;
  return ::recv(flow.to.get(), &got, 1, 0) == 1;
}

inline tcp_info info_of(const os::UniqueFd& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  REQUIRE(::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
  return info;
}

}  // namespace fracas::test
