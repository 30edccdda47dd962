#include "agent/line/tap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "agent/bpf/net.logic.h"
#include "agent/faults/net.h"
#include "lib/base/ensure.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

struct NamedTap {
  os::UniqueFd fd;
  std::string name;
};

// In the calling thread's namespace.
Result<NamedTap> create_tap(bool as_on_wire) {
  os::UniqueFd fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return system_failure("open /dev/net/tun (CONFIG_TUN)");
  ifreq request{};
  fmt::format_to_n(request.ifr_name, IFNAMSIZ - 1, "{}%d", kDetourPrefix);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) return system_failure("make a TAP device");
  // Without these a large segment is cut before it is held, and leaves as other packets than it would have.
  const unsigned long offloads = as_on_wire ? 0 : TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  if (::ioctl(fd.get(), TUNSETOFFLOAD, offloads) != 0) return system_failure("set the offloads of a TAP device");
  return NamedTap{std::move(fd), request.ifr_name};
}

Result<os::UniqueFd> open_packet_socket() {
  // Protocol 0: it receives nothing.
  os::UniqueFd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return system_failure("open a packet socket (CAP_NET_RAW)");
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0)
    return system_failure("keep offloads on a packet socket");
  const int bytes_max = 64 << 20;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &bytes_max, sizeof bytes_max) != 0)
    return system_failure("widen a packet socket");
  return socket;
}

}  // namespace

Result<LineTap> LineTap::open(const os::NetNamespace& netns, bool as_on_wire) {
  NamedTap tap;
  auto made = netns.run([&]() -> Status {
    auto created = create_tap(as_on_wire);
    if (!created) return failure(std::move(created).error());
    tap = std::move(*created);
    return {};
  });
  if (!made) return failure(std::move(made).error());
  auto quiet = os::set_net_sysctl(netns, fmt::format("ipv6/conf/{}/disable_ipv6", tap.name), "1");
  if (!quiet && quiet.error().code != ENOENT) return failure(std::move(quiet).error());
  auto socket = os::RouteSocket::open_in(netns);
  if (!socket) return failure(std::move(socket).error());
  if (auto set = socket->set_queue_length(tap.name, 16384); !set) return failure(std::move(set).error());
  if (auto up = socket->set_up(tap.name); !up) return failure(std::move(up).error());
  auto link = socket->link(tap.name);
  if (!link) return failure(std::move(link).error());
  return LineTap(std::move(tap.fd), link->index);
}

std::optional<std::size_t> LineTap::read(std::span<std::byte> room) const {
  const ssize_t size = ::read(fd_.get(), room.data(), room.size());
  if (size <= 0) return std::nullopt;
  return static_cast<std::size_t>(size);
}

Result<LineOutlet> LineOutlet::open(const os::NetNamespace& netns) {
  os::UniqueFd socket;
  auto made = netns.run([&]() -> Status {
    auto opened = open_packet_socket();
    if (!opened) return failure(std::move(opened).error());
    socket = std::move(*opened);
    return {};
  });
  if (!made) return failure(std::move(made).error());
  return LineOutlet(std::move(socket));
}

namespace {

// What sendmmsg(2) needs for one frame.
struct Outgoing {
  sockaddr_ll address{};
  iovec data{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint32_t))] = {};
};

void fill(const Frame& frame, Outgoing& outgoing, msghdr& message) {
  outgoing.address.sll_family = AF_PACKET;
  outgoing.address.sll_protocol = frame.protocol;
  outgoing.address.sll_ifindex = static_cast<int>(frame.ifindex);
  outgoing.data = {const_cast<std::byte*>(frame.bytes.data()), frame.bytes.size()};
  message.msg_name = &outgoing.address;
  message.msg_namelen = sizeof outgoing.address;
  message.msg_iov = &outgoing.data;
  message.msg_iovlen = 1;
  message.msg_control = outgoing.control;
  message.msg_controllen = sizeof outgoing.control;
  cmsghdr* mark = CMSG_FIRSTHDR(&message);
  mark->cmsg_level = SOL_SOCKET;
  mark->cmsg_type = SO_MARK;
  mark->cmsg_len = CMSG_LEN(sizeof(std::uint32_t));
  const std::uint32_t value = fracas_net_mark(0, frame.rule) | (frame.arriving ? FRACAS_MARK_ARRIVING : 0);
  std::memcpy(CMSG_DATA(mark), &value, sizeof value);
}

}  // namespace

std::uint32_t LineOutlet::send(std::span<const Frame> frames) const {
  ensure(frames.size() <= kAtOnce, "no more frames are sent at once than there is room for");
  std::array<Outgoing, kAtOnce> outgoing;
  std::array<mmsghdr, kAtOnce> messages{};
  for (std::size_t i = 0; i < frames.size(); ++i) fill(frames[i], outgoing[i], messages[i].msg_hdr);
  std::uint32_t taken = 0;
  for (std::size_t next = 0; next < frames.size(); ++next) {
    const int sent =
        ::sendmmsg(socket_.get(), &messages[next], static_cast<unsigned>(frames.size() - next), MSG_DONTWAIT);
    for (int i = 0; i < sent; ++i) taken |= 1U << next++;
    // Here is one that the kernel refused, or none.
  }
  return taken;
}

}  // namespace fracas::agent
