#include "agent/fingerprint.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "agent/disk/disk_mount.h"
#include "lib/os/cgroup.h"
#include "lib/os/file.h"
#include "lib/os/netlink.h"
#include "lib/os/netns.h"
#include "lib/os/threads.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

// From 6.6 on; older kernels answer EINVAL, and have none. Source: include/uapi/linux/bpf.h.
constexpr std::uint32_t kTcxIngress = 46;
constexpr std::uint32_t kTcxEgress = 47;

// The layout of the query part of bpf_attr, which older headers know without the link's index.
std::vector<std::uint32_t> tcx_programs(int link_index, std::uint32_t hook) {
  std::array<std::uint32_t, 64> ids{};
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<std::uint32_t>(link_index);
  attributes.query.attach_type = hook;
  attributes.query.prog_ids = reinterpret_cast<std::uintptr_t>(ids.data());
  attributes.query.prog_cnt = static_cast<std::uint32_t>(ids.size());
  if (::syscall(SYS_bpf, BPF_PROG_QUERY, &attributes, sizeof attributes) != 0) return {};
  return {ids.begin(),
          ids.begin() + std::min<std::ptrdiff_t>(attributes.query.prog_cnt, static_cast<std::ptrdiff_t>(ids.size()))};
}

Status add_link(const os::RouteSocket& socket, const os::LinkInfo& link, std::vector<std::string>& lines) {
  lines.push_back(fmt::format("link {} {}", link.name, link.kind));
  auto filters = socket.filters(link.index);
  if (!filters) return failure(std::move(filters).error());
  for (const os::FilterInfo& filter : *filters)
    lines.push_back(fmt::format("filter {} {} {} {} {}", link.name, filter.egress ? "egress" : "ingress", filter.kind,
                                filter.priority, filter.handle));
  for (const std::uint32_t hook : {kTcxIngress, kTcxEgress})
    for (const std::uint32_t id : tcx_programs(link.index, hook))
      lines.push_back(fmt::format("tcx {} {} {}", link.name, hook == kTcxEgress ? "egress" : "ingress", id));
  return {};
}

Status add_network(std::vector<std::string>& lines) {
  auto socket = os::RouteSocket::open();
  if (!socket) return failure(std::move(socket).error());
  auto links = socket->links();
  if (!links) return failure(std::move(links).error());
  for (const os::LinkInfo& link : *links)
    if (auto added = add_link(*socket, link, lines); !added) return added;
  auto qdiscs = socket->qdiscs();
  if (!qdiscs) return failure(std::move(qdiscs).error());
  for (const os::QdiscInfo& qdisc : *qdiscs) {
    const auto named = std::find_if(links->begin(), links->end(),
                                    [&qdisc](const os::LinkInfo& link) { return link.index == qdisc.link_index; });
    const std::string name = named == links->end() ? std::to_string(qdisc.link_index) : named->name;
    lines.push_back(fmt::format("qdisc {} {} {:x} {:x}", name, qdisc.kind, qdisc.handle, qdisc.parent));
  }
  return {};
}

char process_state(pid_t pid) {
  const auto text = os::read_file("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t bracket = text ? text->rfind(')') : std::string::npos;
  return bracket == std::string::npos || bracket + 2 >= text->size() ? '?' : (*text)[bracket + 2];
}

Status add_cgroup(const std::string& name, std::vector<std::string>& lines) {
  auto cgroup = os::Cgroup::open(name);
  if (!cgroup) return {};
  auto processes = cgroup->processes();
  if (!processes) return failure(std::move(processes).error());
  for (const pid_t pid : *processes) {
    if (process_state(pid) == 'T') lines.push_back(fmt::format("stopped process {}", pid));
    if (os::status_number(pid, "TracerPid") != 0) lines.push_back(fmt::format("traced process {}", pid));
  }
  std::vector<fs::path> folders = {cgroup->path()};
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(cgroup->path(), failed), end; !failed && entry != end;
       entry.increment(failed))
    if (entry->is_directory(failed)) folders.push_back(entry->path());
  for (const fs::path& folder : folders) {
    const auto events = os::read_file(folder / "cgroup.events");
    if (events && events->find("frozen 1") != std::string::npos) lines.push_back("frozen cgroup " + folder.string());
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> take_fingerprint(const std::string& cgroup, const fs::path& state) {
  std::vector<std::string> lines;
  if (auto added = add_network(lines); !added) return failure(std::move(added).error().context("fingerprint"));
  if (!cgroup.empty())
    if (auto added = add_cgroup(cgroup, lines); !added) return failure(std::move(added).error().context("fingerprint"));
  for (const std::string& folder : disk_mounts_of(disk_owner(state))) lines.push_back("disk mount " + folder);
  std::sort(lines.begin(), lines.end());
  const auto netns = os::NetNamespace::current();
  if (!netns) return failure(netns.error());
  const auto inode = netns->inode();
  if (!inode) return failure(inode.error());
  lines.insert(lines.begin(), fmt::format("namespace {}", *inode));
  return lines;
}

std::vector<std::string> compare_fingerprints(const std::vector<std::string>& before,
                                              const std::vector<std::string>& now) {
  std::vector<std::string> differences;
  if (before.empty() || now.empty() || before.front() != now.front()) return differences;
  const auto compare = [&differences](const std::string& word, const std::vector<std::string>& more,
                                      const std::vector<std::string>& less) {
    std::vector<std::string> extra;
    std::set_difference(more.begin() + 1, more.end(), less.begin() + 1, less.end(), std::back_inserter(extra));
    for (const std::string& line : extra) differences.push_back(word + line);
  };
  compare("new: ", now, before);
  compare("missing: ", before, now);
  return differences;
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace fracas::agent
