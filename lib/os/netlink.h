#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/netns.h"

struct nl_sock;

namespace fracas::os {

// A network interface as the kernel lists it.
struct LinkInfo {
  int index = 0;
  std::string name;
  std::string kind;  // "veth", "bridge", "tun", …; empty for hardware and loopback
  bool up = false;
  bool loopback = false;
  unsigned mtu = 0;
};

// A queueing discipline as the kernel lists it, for fingerprints. Two listings of an unchanged system are equal.
struct QdiscInfo {
  int link_index = 0;
  std::string kind;          // "noqueue", "clsact", "netem", …
  std::uint32_t handle = 0;  // major:minor as in TC_H_MAKE
  std::uint32_t parent = 0;

  bool operator==(const QdiscInfo&) const = default;
};

// A filter attached to an interface's clsact hook.
struct FilterInfo {
  int link_index = 0;
  bool egress = false;
  std::string kind;  // "bpf", "u32", …
  std::uint32_t priority = 0;
  std::uint32_t handle = 0;

  bool operator==(const FilterInfo&) const = default;
};

// One end of a veth pair: its name and the namespace it is created in.
struct VethEnd {
  std::string name;
  const NetNamespace* netns = nullptr;  // borrowed for the call; null: the socket's
};

// What a netem qdisc does to every packet of its device. Source: tc-netem(8).
struct NetemOptions {
  std::int64_t delay_us = 0;
  std::int64_t jitter_us = 0;
  int limit_packets = 1000;
};

// A routing-netlink connection to one network namespace; it stays there wherever its threads go. Interfaces are named;
// names are at most 15 bytes. ERRORS of every call: the step, the interface and the kernel's reason, with the errno in
// `code` where there is one (ENODEV: no such interface, EEXIST: the name is taken, EPERM: no CAP_NET_ADMIN).
// Thread: one at a time.
class RouteSocket {
 public:
  static Result<RouteSocket> open();                              // in the calling thread's namespace
  static Result<RouteSocket> open_in(const NetNamespace& netns);  // by a fresh thread that enters it
  RouteSocket(RouteSocket&&) noexcept;
  RouteSocket& operator=(RouteSocket&&) noexcept;
  ~RouteSocket();

  // Both ends are created down and without addresses, each in its namespace.
  Status create_veth(const VethEnd& one, const VethEnd& other);
  Status create_bridge(std::string_view name);
  // Deleting one end of a veth pair deletes the other. A missing link is no error.
  Status delete_link(std::string_view name);

  Status set_up(std::string_view name, bool up = true);
  // Makes `name` a port of the bridge `master`.
  Status set_master(std::string_view name, std::string_view master);
  Status set_mtu(std::string_view name, unsigned bytes);
  Status set_queue_length(std::string_view name, unsigned packets);
  // `address` with its prefix length, IPv4 "10.1.0.3/16" or IPv6 "fd00::3/64". IPv6 addresses skip duplicate address
  // detection, so they can be used at once.
  Status add_address(std::string_view name, std::string_view address);

  Result<std::vector<LinkInfo>> links() const;
  // ERRORS: ENODEV.
  Result<LinkInfo> link(std::string_view name) const;
  Result<std::vector<QdiscInfo>> qdiscs() const;
  // Filters of the clsact hooks of one interface; empty without a clsact qdisc.
  Result<std::vector<FilterInfo>> filters(int link_index) const;

  // Replaces the root qdisc of an interface of ours by netem. ERRORS: ENOENT when the kernel has no sch_netem.
  Status set_netem(std::string_view name, const NetemOptions& options);
  // Packets that wait in the root qdisc of an interface; 0 for one that keeps no queue. ERRORS: ENODEV.
  Result<std::uint64_t> queued_packets(std::string_view name) const;
  // Removes the clsact qdisc with every filter in it. A missing one is no error.
  Status delete_clsact(int link_index);

 private:
  struct SocketFree {
    void operator()(nl_sock* socket) const;
  };
  using Socket = std::unique_ptr<nl_sock, SocketFree>;
  explicit RouteSocket(Socket socket);
  Result<int> index_of(std::string_view name) const;

  Socket socket_;
};

// Writes /proc/sys/net/`key` in that namespace, for example ("ipv4/ip_forward", "1").
Status set_net_sysctl(const NetNamespace& netns, std::string_view key, std::string_view value);

// No router advertisements, no autoconfigured and no link-local address on that link: it sends nothing by itself.
// Does nothing on kernels without IPv6. To be called before the link is set up.
Status silence_ipv6(const NetNamespace& netns, std::string_view link);

}  // namespace fracas::os
