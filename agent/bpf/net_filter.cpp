#include "agent/bpf/net_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "agent/bpf/net_program.h"
#include "lib/os/netlink.h"

namespace fracas::agent {
namespace {

constexpr unsigned kHandle = 0xfac4;
constexpr unsigned kPriority = 1;  // before everybody else: a filter that answers "ok" hides all later ones
constexpr std::string_view kProgramPrefix = "fracas_";

bpf_tc_hook hook_of(int ifindex, bool egress) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = ifindex;
  hook.attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
  return hook;
}

bpf_tc_opts own_place() {
  bpf_tc_opts options{};
  options.sz = sizeof options;
  options.handle = kHandle;
  options.priority = kPriority;
  return options;
}

// The kind of the qdisc on the ingress hook, which is "clsact" or "ingress".
Result<std::optional<std::string>> ingress_qdisc_kind(int ifindex) {
  auto socket = os::RouteSocket::open();
  if (!socket) return failure(std::move(socket).error());
  auto qdiscs = socket->qdiscs();
  if (!qdiscs) return failure(std::move(qdiscs).error());
  for (const os::QdiscInfo& qdisc : *qdiscs)
    if (qdisc.link_index == ifindex && qdisc.parent == TC_H_INGRESS) return qdisc.kind;
  return std::optional<std::string>();
}

}  // namespace

Result<bool> attach_filter(int program_fd, int ifindex, bool egress) {
  auto kind = ingress_qdisc_kind(ifindex);
  if (!kind) return failure(std::move(kind).error());
  if (*kind && **kind != "clsact")
    return failure(fmt::format("interface {} has a plain {} qdisc and this kernel has no TCX (Linux 6.6): "
                               "the classifier has no place",
                               ifindex, **kind),
                   EBUSY);
  bpf_tc_hook hook = hook_of(ifindex, egress);
  if (!*kind) {
    if (const int error = bpf_tc_hook_create(&hook); error != 0 && error != -EEXIST)
      return system_failure("add a clsact qdisc (cls_act, CONFIG_NET_SCH_INGRESS)", -error);
  }
  bpf_tc_opts options = own_place();
  options.prog_fd = program_fd;
  options.flags = BPF_TC_F_REPLACE;  // one that an agent's crash has left
  if (const int error = bpf_tc_attach(&hook, &options); error != 0) {
    if (!*kind) delete_clsact_if_empty(ifindex);
    return system_failure("attach the classifier by cls_bpf", -error);
  }
  return !*kind;
}

void detach_filter(int ifindex, bool egress) {
  const bpf_tc_hook hook = hook_of(ifindex, egress);
  const bpf_tc_opts options = own_place();
  bpf_tc_detach(&hook, &options);
}

void delete_clsact_if_empty(int ifindex) {
  auto socket = os::RouteSocket::open();
  if (!socket) return;
  auto filters = socket->filters(ifindex);
  if (filters && filters->empty()) static_cast<void>(socket->delete_clsact(ifindex));
}

std::string filter_program_name(int ifindex, bool egress) {
  const bpf_tc_hook hook = hook_of(ifindex, egress);
  bpf_tc_opts options = own_place();
  if (bpf_tc_query(&hook, &options) != 0) return {};
  const os::UniqueFd program(bpf_prog_get_fd_by_id(options.prog_id));
  bpf_prog_info info{};
  auto size = static_cast<__u32>(sizeof info);
  if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) return {};
  const std::string_view name(info.name, ::strnlen(info.name, sizeof info.name));
  return name.starts_with(kProgramPrefix) ? std::string(name) : std::string();
}

namespace {

// Calls `visit(link, egress, program name)` for each filter of ours.
template <typename Visit>
Status for_each_own_filter(Visit visit) {
  auto socket = os::RouteSocket::open();
  if (!socket) return failure(std::move(socket).error());
  auto links = socket->links();
  if (!links) return failure(std::move(links).error());
  for (const os::LinkInfo& link : *links) {
    auto filters = socket->filters(link.index);
    if (!filters) return failure(std::move(filters).error().context("filters of " + link.name));
    for (const os::FilterInfo& filter : *filters) {
      if (filter.kind != "bpf" || filter.handle != kHandle || filter.priority != kPriority) continue;
      if (const std::string name = filter_program_name(link.index, filter.egress); !name.empty())
        visit(link, filter.egress, name);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_net_filters() {
  std::vector<std::string> found;
  auto done = for_each_own_filter([&](const os::LinkInfo& link, bool, const std::string& name) {
    found.push_back(fmt::format("filter {} on {}", name, link.name));
  });
  if (!done) return failure(std::move(done).error());
  return found;
}

Status remove_net_filters() {
  // An empty clsact qdisc does nothing, and after a crash nothing tells whose it was; ours was the only filter in it.
  return for_each_own_filter([](const os::LinkInfo& link, bool egress, const std::string&) {
    detach_filter(link.index, egress);
    delete_clsact_if_empty(link.index);
  });
}

}  // namespace fracas::agent
