#include "agent/line/netem_lateness.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

#include "lib/os/fd.h"
#include "lib/os/netlink.h"
#include "lib/os/netns.h"

namespace fracas::agent {
namespace {

constexpr const char* kNear = "probe0";
constexpr const char* kFar = "probe1";
constexpr std::int64_t kHeldNs = 1'000'000;
constexpr int kFrames = 16;
constexpr int kPatienceMs = 50;  // for one frame
// IEEE 802, "local experimental EtherType 1": what the kernel sends by itself on the pair is none of it.
constexpr std::uint16_t kEtherType = 0x88b5;

// The pair, and a packet socket on each of its ends.
struct Pair {
  os::NetNamespace netns;
  os::RouteSocket route;
  os::UniqueFd near;
  os::UniqueFd far;
};

// The clock that the kernel stamps packets with.
std::int64_t stamp_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

Result<os::UniqueFd> open_on(const os::RouteSocket& route, const char* name) {
  const auto link = route.link(name);
  if (!link) return failure(link.error());
  os::UniqueFd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket) return system_failure("open a packet socket");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(kEtherType);
  address.sll_ifindex = link->index;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_failure("bind a packet socket");
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
    return system_failure("stamp packets");
  return socket;
}

Result<Pair> make_pair() {
  auto netns = os::NetNamespace::create();
  if (!netns) return failure(std::move(netns).error());
  auto route = os::RouteSocket::open_in(*netns);
  if (!route) return failure(std::move(route).error());
  if (auto made = route->create_veth({kNear, nullptr}, {kFar, nullptr}); !made) return failure(std::move(made).error());
  for (const char* end : {kFar, kNear})
    if (auto up = route->set_up(end); !up) return failure(std::move(up).error());
  Pair pair{std::move(*netns), std::move(*route), {}, {}};
  auto opened = pair.netns.run([&pair]() -> Status {
    for (const auto& [end, name] : {std::pair(&pair.near, kNear), std::pair(&pair.far, kFar)}) {
      auto socket = open_on(pair.route, name);
      if (!socket) return failure(std::move(socket).error());
      *end = std::move(*socket);
    }
    return {};
  });
  if (!opened) return failure(std::move(opened).error());
  return pair;
}

// When the next frame arrived at the far end; nothing if none does.
std::optional<std::int64_t> arrival_ns(const Pair& pair) {
  pollfd waiting{.fd = pair.far.get(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, kPatienceMs) <= 0) return std::nullopt;
  std::array<std::byte, 64> frame{};
  iovec data{frame.data(), frame.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(pair.far.get(), &message, MSG_DONTWAIT) < 0) return std::nullopt;
  const cmsghdr* head = CMSG_FIRSTHDR(&message);
  if (head == nullptr) return std::nullopt;
  timespec stamp{};
  std::memcpy(&stamp, CMSG_DATA(head), sizeof stamp);
  return stamp.tv_sec * 1'000'000'000 + stamp.tv_nsec;
}

// How long the fastest of some frames took from end to end; nothing if one was lost.
std::optional<std::int64_t> fastest_ns(const Pair& pair) {
  std::array<std::uint8_t, 60> frame{};
  std::fill_n(frame.begin(), 6, std::uint8_t{0xff});
  frame[6] = 2;  // the sender's address, a local one
  frame[12] = kEtherType >> 8;
  frame[13] = kEtherType & 0xff;
  std::optional<std::int64_t> fastest;
  for (int i = 0; i < kFrames; ++i) {
    const std::int64_t sent_ns = stamp_now_ns();
    if (::send(pair.near.get(), frame.data(), frame.size(), 0) < 0) return std::nullopt;
    const auto arrived_ns = arrival_ns(pair);
    if (!arrived_ns) return std::nullopt;
    fastest = std::min(fastest.value_or(*arrived_ns - sent_ns), *arrived_ns - sent_ns);
  }
  return fastest;
}

}  // namespace

Result<Duration> least_netem_lateness() {
  auto pair = make_pair();
  if (!pair) return failure(std::move(pair).error());
  const auto direct_ns = fastest_ns(*pair);
  auto set = pair->route.set_netem(kNear, {.delay_us = kHeldNs / 1000});
  if (!set && set.error().code == ENOENT) return failure("no netem (CONFIG_NET_SCH_NETEM)", ENOENT);
  if (!set) return failure(std::move(set).error());
  const auto held_ns = fastest_ns(*pair);
  if (!direct_ns || !held_ns) return Duration::zero();
  // Where the clock is set meanwhile the difference can be anything.
  return Duration(std::clamp<std::int64_t>(*held_ns - *direct_ns - kHeldNs, 0, kHeldNs));
}

}  // namespace fracas::agent
