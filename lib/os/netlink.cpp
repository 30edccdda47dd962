#include "lib/os/netlink.h"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/classifier.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/netem.h>
#include <netlink/socket.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "lib/os/file.h"

namespace fracas::os {
namespace {

template <auto free_function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Link = std::unique_ptr<rtnl_link, FreeWith<rtnl_link_put>>;
using Address = std::unique_ptr<rtnl_addr, FreeWith<rtnl_addr_put>>;
using AbstractAddress = std::unique_ptr<nl_addr, FreeWith<nl_addr_put>>;
using Qdisc = std::unique_ptr<rtnl_qdisc, FreeWith<rtnl_qdisc_put>>;
using Cache = std::unique_ptr<nl_cache, FreeWith<nl_cache_free>>;

// libnl folds errno into its own codes; these are the ones a caller may want to tell apart.
int errno_of(int nl_error) {
  switch (nl_error < 0 ? -nl_error : nl_error) {
    case NLE_PERM:
    case NLE_NOACCESS:
      return EPERM;
    case NLE_EXIST:
      return EEXIST;
    case NLE_NODEV:
      return ENODEV;
    case NLE_OBJ_NOTFOUND:
      return ENOENT;
    case NLE_BUSY:
      return EBUSY;
    case NLE_INVAL:
      return EINVAL;
    case NLE_OPNOTSUPP:
      return EOPNOTSUPP;
    case NLE_NOMEM:
      return ENOMEM;
    default:
      return 0;
  }
}

tl::unexpected<Error> netlink_failure(std::string_view step, int nl_error) {
  return failure(fmt::format("{}: {}", step, nl_geterror(nl_error)), errno_of(nl_error));
}

Status check(int nl_error, std::string_view step) {
  if (nl_error < 0) return netlink_failure(step, nl_error);
  return {};
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

LinkInfo describe(rtnl_link* link) {
  const unsigned flags = rtnl_link_get_flags(link);
  return LinkInfo{.index = rtnl_link_get_ifindex(link),
                  .name = text_or_empty(rtnl_link_get_name(link)),
                  .kind = text_or_empty(rtnl_link_get_type(link)),
                  .up = (flags & IFF_UP) != 0,
                  .loopback = (flags & IFF_LOOPBACK) != 0,
                  .mtu = rtnl_link_get_mtu(link)};
}

Result<Link> fetch_link(nl_sock* socket, std::string_view name) {
  rtnl_link* link = nullptr;
  const int error = rtnl_link_get_kernel(socket, 0, std::string(name).c_str(), &link);
  if (error == -NLE_OBJ_NOTFOUND) return failure(fmt::format("interface {}: No such device", name), ENODEV);
  if (error < 0) return netlink_failure(fmt::format("interface {}", name), error);
  return Link(link);
}

// Applies what `edit` sets on an empty link object to the existing link of that name.
template <typename Edit>
Status change_link(nl_sock* socket, std::string_view name, std::string_view step, Edit edit) {
  auto link = fetch_link(socket, name);
  if (!link) return failure(std::move(link).error().context(step));
  const Link change(rtnl_link_alloc());
  rtnl_link_set_ifindex(change.get(), rtnl_link_get_ifindex(link->get()));
  edit(change.get());
  return check(rtnl_link_change(socket, link->get(), change.get(), 0), fmt::format("{}: interface {}", step, name));
}

template <typename T, typename Read>
std::vector<T> read_cache(nl_cache* cache, Read read) {
  std::vector<T> items;
  for (nl_object* object = nl_cache_get_first(cache); object != nullptr; object = nl_cache_get_next(object))
    items.push_back(read(object));
  return items;
}

}  // namespace

void RouteSocket::SocketFree::operator()(nl_sock* socket) const {
  nl_socket_free(socket);
}

RouteSocket::RouteSocket(Socket socket) : socket_(std::move(socket)) {}
RouteSocket::RouteSocket(RouteSocket&&) noexcept = default;
RouteSocket& RouteSocket::operator=(RouteSocket&&) noexcept = default;
RouteSocket::~RouteSocket() = default;

Result<RouteSocket> RouteSocket::open() {
  Socket socket(nl_socket_alloc());
  if (!socket) return failure("routing netlink: out of memory", ENOMEM);
  if (const int error = nl_connect(socket.get(), NETLINK_ROUTE); error < 0)
    return netlink_failure("routing netlink", error);
  // An acknowledgement carries the whole request back otherwise, which can exceed libnl's receive buffer.
  nl_socket_set_msg_buf_size(socket.get(), 1 << 16);
  return RouteSocket(std::move(socket));
}

Result<RouteSocket> RouteSocket::open_in(const NetNamespace& netns) {
  Result<RouteSocket> socket = failure("not opened");
  if (auto entered = netns.run([&]() -> Status {
        socket = open();
        return {};
      });
      !entered)
    return failure(std::move(entered).error());
  return socket;
}

Status RouteSocket::create_veth(const VethEnd& one, const VethEnd& other) {
  const Link link(rtnl_link_veth_alloc());
  if (!link) return failure("veth: out of memory", ENOMEM);
  rtnl_link_set_name(link.get(), one.name.c_str());
  if (one.netns != nullptr) rtnl_link_set_ns_fd(link.get(), one.netns->fd());
  rtnl_link* peer = rtnl_link_veth_get_peer(link.get());
  rtnl_link_set_name(peer, other.name.c_str());
  if (other.netns != nullptr) rtnl_link_set_ns_fd(peer, other.netns->fd());
  rtnl_link_put(peer);
  return check(rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
               fmt::format("create veth {} - {}", one.name, other.name));
}

Status RouteSocket::create_bridge(std::string_view name) {
  const Link link(rtnl_link_alloc());
  if (!link) return failure("bridge: out of memory", ENOMEM);
  rtnl_link_set_name(link.get(), std::string(name).c_str());
  rtnl_link_set_type(link.get(), "bridge");
  return check(rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
               fmt::format("create bridge {}", name));
}

Status RouteSocket::delete_link(std::string_view name) {
  auto link = fetch_link(socket_.get(), name);
  if (!link && link.error().code == ENODEV) return {};
  if (!link) return failure(std::move(link).error().context("delete"));
  const int error = rtnl_link_delete(socket_.get(), link->get());
  if (error == -NLE_NODEV || error == -NLE_OBJ_NOTFOUND) return {};
  return check(error, fmt::format("delete interface {}", name));
}

Status RouteSocket::set_up(std::string_view name, bool up) {
  return change_link(socket_.get(), name, up ? "set up" : "set down", [&](rtnl_link* change) {
    if (up) rtnl_link_set_flags(change, IFF_UP);
    if (!up) rtnl_link_unset_flags(change, IFF_UP);
  });
}

Status RouteSocket::set_master(std::string_view name, std::string_view master) {
  auto bridge = index_of(master);
  if (!bridge) return failure(std::move(bridge).error().context("set master"));
  return change_link(socket_.get(), name, "set master",
                     [&](rtnl_link* change) { rtnl_link_set_master(change, *bridge); });
}

Status RouteSocket::set_mtu(std::string_view name, unsigned bytes) {
  return change_link(socket_.get(), name, "set MTU", [&](rtnl_link* change) { rtnl_link_set_mtu(change, bytes); });
}

Status RouteSocket::set_queue_length(std::string_view name, unsigned packets) {
  return change_link(socket_.get(), name, "set queue length",
                     [&](rtnl_link* change) { rtnl_link_set_txqlen(change, packets); });
}

Status RouteSocket::add_address(std::string_view name, std::string_view address) {
  nl_addr* parsed = nullptr;
  if (const int error = nl_addr_parse(std::string(address).c_str(), AF_UNSPEC, &parsed); error < 0)
    return netlink_failure(fmt::format("address {}", address), error);
  const AbstractAddress local(parsed);
  auto index = index_of(name);
  if (!index) return failure(std::move(index).error().context("add address"));
  const Address entry(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(entry.get(), *index);
  if (const int error = rtnl_addr_set_local(entry.get(), local.get()); error < 0)
    return netlink_failure(fmt::format("address {}", address), error);
  if (nl_addr_get_family(local.get()) == AF_INET6) rtnl_addr_set_flags(entry.get(), IFA_F_NODAD);
  return check(rtnl_addr_add(socket_.get(), entry.get(), 0), fmt::format("add address {} to {}", address, name));
}

Result<std::vector<LinkInfo>> RouteSocket::links() const {
  nl_cache* raw = nullptr;
  if (const int error = rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &raw); error < 0)
    return netlink_failure("list interfaces", error);
  const Cache cache(raw);
  auto links =
      read_cache<LinkInfo>(raw, [](nl_object* object) { return describe(reinterpret_cast<rtnl_link*>(object)); });
  std::sort(links.begin(), links.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  return links;
}

Result<LinkInfo> RouteSocket::link(std::string_view name) const {
  auto link = fetch_link(socket_.get(), name);
  if (!link) return failure(std::move(link).error());
  return describe(link->get());
}

Result<int> RouteSocket::index_of(std::string_view name) const {
  auto link = fetch_link(socket_.get(), name);
  if (!link) return failure(std::move(link).error());
  return rtnl_link_get_ifindex(link->get());
}

Result<std::vector<QdiscInfo>> RouteSocket::qdiscs() const {
  nl_cache* raw = nullptr;
  if (const int error = rtnl_qdisc_alloc_cache(socket_.get(), &raw); error < 0)
    return netlink_failure("list qdiscs", error);
  const Cache cache(raw);
  auto qdiscs = read_cache<QdiscInfo>(raw, [](nl_object* object) {
    auto* tc = reinterpret_cast<rtnl_tc*>(object);
    return QdiscInfo{rtnl_tc_get_ifindex(tc), text_or_empty(rtnl_tc_get_kind(tc)), rtnl_tc_get_handle(tc),
                     rtnl_tc_get_parent(tc)};
  });
  std::sort(qdiscs.begin(), qdiscs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.link_index, a.handle, a.parent) < std::tie(b.link_index, b.handle, b.parent);
  });
  return qdiscs;
}

Result<std::vector<FilterInfo>> RouteSocket::filters(int link_index) const {
  std::vector<FilterInfo> filters;
  for (const bool egress : {false, true}) {
    nl_cache* raw = nullptr;
    const std::uint32_t minor = egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS;
    const int error = rtnl_cls_alloc_cache(socket_.get(), link_index, TC_H_MAKE(TC_H_CLSACT, minor), &raw);
    // Without a clsact qdisc the kernel knows no such parent.
    if (error == -NLE_INVAL || error == -NLE_OBJ_NOTFOUND) continue;
    if (error < 0) return netlink_failure("list filters", error);
    const Cache cache(raw);
    for (auto& filter : read_cache<FilterInfo>(raw, [&](nl_object* object) {
           auto* tc = reinterpret_cast<rtnl_tc*>(object);
           return FilterInfo{link_index, egress, text_or_empty(rtnl_tc_get_kind(tc)),
                             rtnl_cls_get_prio(reinterpret_cast<rtnl_cls*>(object)), rtnl_tc_get_handle(tc)};
         }))
      if (filter.handle != 0) filters.push_back(std::move(filter));  // handle 0 is the head of a priority's list
  }
  return filters;
}

Status RouteSocket::set_netem(std::string_view name, const NetemOptions& options) {
  auto index = index_of(name);
  if (!index) return failure(std::move(index).error().context("netem"));
  const Qdisc qdisc(rtnl_qdisc_alloc());
  auto* tc = reinterpret_cast<rtnl_tc*>(qdisc.get());
  rtnl_tc_set_ifindex(tc, *index);
  rtnl_tc_set_parent(tc, TC_H_ROOT);
  if (const int error = rtnl_tc_set_kind(tc, "netem"); error < 0) return netlink_failure("netem", error);
  rtnl_netem_set_delay(qdisc.get(), static_cast<int>(options.delay_us));
  if (options.jitter_us > 0) rtnl_netem_set_jitter(qdisc.get(), static_cast<int>(options.jitter_us));
  rtnl_netem_set_limit(qdisc.get(), options.limit_packets);
  return check(rtnl_qdisc_add(socket_.get(), qdisc.get(), NLM_F_CREATE | NLM_F_REPLACE),
               fmt::format("netem on {}", name));
}

Result<std::uint64_t> RouteSocket::queued_packets(std::string_view name) const {
  auto index = index_of(name);
  if (!index) return failure(std::move(index).error().context("queued packets"));
  nl_cache* raw = nullptr;
  if (const int error = rtnl_qdisc_alloc_cache(socket_.get(), &raw); error < 0)
    return netlink_failure("queued packets", error);
  const Cache cache(raw);
  const Qdisc root(rtnl_qdisc_get_by_parent(raw, *index, TC_H_ROOT));
  return root ? rtnl_tc_get_stat(reinterpret_cast<rtnl_tc*>(root.get()), RTNL_TC_QLEN) : 0;
}

Status RouteSocket::delete_clsact(int link_index) {
  const Qdisc qdisc(rtnl_qdisc_alloc());
  auto* tc = reinterpret_cast<rtnl_tc*>(qdisc.get());
  rtnl_tc_set_ifindex(tc, link_index);
  rtnl_tc_set_parent(tc, TC_H_CLSACT);
  rtnl_tc_set_handle(tc, TC_H_MAKE(TC_H_CLSACT, 0));
  const int error = rtnl_qdisc_delete(socket_.get(), qdisc.get());
  if (error == -NLE_OBJ_NOTFOUND || error == -NLE_INVAL) return {};
  return check(error, "delete clsact");
}

Status set_net_sysctl(const NetNamespace& netns, std::string_view key, std::string_view value) {
  // /proc/sys/net shows the namespace of the thread that opens it.
  return netns.run([&] { return write_kernel_file(fmt::format("/proc/sys/net/{}", key), value); });
}

Status silence_ipv6(const NetNamespace& netns, std::string_view link) {
  for (const auto& [key, value] : {std::pair("accept_ra", "0"), std::pair("autoconf", "0"),
                                   std::pair("addr_gen_mode", "1"), std::pair("dad_transmits", "0")}) {
    auto done = set_net_sysctl(netns, fmt::format("ipv6/conf/{}/{}", link, key), value);
    if (!done && done.error().code != ENOENT) return done;
  }
  return {};
}

}  // namespace fracas::os
