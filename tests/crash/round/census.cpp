#include "tests/crash/round/census.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::crash {
namespace {

namespace fs = std::filesystem;
using Lines = std::set<std::string>;

constexpr const char* kListNetwork =
    "export PATH=$PATH:/usr/sbin:/sbin; ip -d -o link; ip -o address; ip route; ip -6 route; tc qdisc; "
    "for hook in ingress egress; do tc filter show dev eth0 $hook; done; "
    "command -v nft >/dev/null && nft list ruleset; true";

// From 6.6 on. Source: include/uapi/linux/bpf.h.
constexpr std::array<std::uint32_t, 2> kTcxHooks = {46, 47};
// cgroup hooks up to BPF_CGROUP_UNIX_…; those a kernel does not know it refuses.
constexpr std::uint32_t kHooksMax = 64;

std::vector<std::uint32_t> attached(int target, std::uint32_t hook) {
  std::array<std::uint32_t, 64> ids{};
  bpf_attr query;
  std::memset(&query, 0, sizeof query);
  query.query.target_fd = static_cast<std::uint32_t>(target);
  query.query.attach_type = hook;
  query.query.prog_ids = reinterpret_cast<std::uintptr_t>(ids.data());
  query.query.prog_cnt = static_cast<std::uint32_t>(ids.size());
  if (::syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof query) != 0) return {};
  const auto count = std::min<std::size_t>(query.query.prog_cnt, ids.size());
  return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)};
}

void add_text(const std::string& what, const std::string& text, Lines& lines) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.insert(what + line);
}

void add_network(const Place& place, const std::string& name, const os::NetNamespace& netns, Lines& lines) {
  os::LaunchOptions launch;
  launch.argv = {"/bin/sh", "-c", kListNetwork};
  launch.output = place.folder() / ("network-" + name);
  launch.network_namespace = netns.fd();
  std::error_code ignored;
  fs::remove(launch.output, ignored);
  auto process = os::Process::launch(launch);
  const bool listed = process && process->wait_for(std::chrono::seconds(60));
  add_text("network of " + name + ": ", listed ? os::read_file(launch.output).value_or("") : "cannot be listed", lines);
  static_cast<void>(netns.run([&]() -> Status {
    for (int link = 1; link < 100; ++link)
      for (const std::uint32_t hook : kTcxHooks)
        for (const std::uint32_t id : attached(link, hook))
          lines.insert(fmt::format("TCX program {} on link {} of {}", id, link, name));
    return {};
  }));
}

// Counters and pressures change by themselves.
bool is_setting(const std::string& file) {
  static constexpr std::array<const char*, 6> kChanging = {"stat", "events", "pressure", "procs", "threads", "current"};
  return std::none_of(kChanging.begin(), kChanging.end(),
                      [&file](const char* word) { return file.find(word) != std::string::npos; });
}

void add_cgroup(const Place& place, Lines& lines) {
  const auto cgroup = os::Cgroup::open(place.cgroup());
  if (!cgroup) return;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(cgroup->path(), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const fs::path& path = entry->path();
    if (entry->is_directory(failed)) lines.insert("cgroup " + path.string());
    if (!entry->is_regular_file(failed) || !is_setting(path.filename())) continue;
    lines.insert(path.string() + " is " + os::read_file(path).value_or("unreadable"));
  }
  const os::UniqueFd folder(::open(cgroup->path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::uint32_t hook = 0; hook < kHooksMax; ++hook)
    for (const std::uint32_t id : attached(folder.get(), hook))
      lines.insert(fmt::format("BPF program {} attached to the cgroup at hook {}", id, hook));
}

// Cgroups of ours below those of others, whichever hierarchy.
void add_side_groups(const Place& place, Lines& lines) {
  const auto unified = os::Cgroup::mount_point();
  std::error_code failed;
  for (fs::recursive_directory_iterator entry("/sys/fs/cgroup", failed), end; entry != end; entry.increment(failed)) {
    if (failed) continue;  // Others' cgroups come and go.
    if (unified && entry->path() == *unified) entry.disable_recursion_pending();
    if (entry->path().filename().string().find(place.tag()) != std::string::npos)
      lines.insert("cgroup " + entry->path().string());
  }
}

void add_mounts(const Place& place, Lines& lines) {
  std::istringstream mounts(os::read_file("/proc/self/mountinfo").value_or(""));
  for (std::string line; std::getline(mounts, line);)
    if (line.find(place.folder().string()) != std::string::npos) lines.insert("mount " + line);
}

void add_files(const fs::path& folder, const Lines& expected, Lines& lines) {
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
    if (const std::string name = entry->path().lexically_relative(folder); expected.count(name) == 0)
      lines.insert("file " + entry->path().string());
}

}  // namespace

Lines take_census(const Place& place) {
  Lines lines;
  add_network(place, kHost, place.host(), lines);
  add_network(place, kPeer, place.peer(), lines);
  add_cgroup(place, lines);
  add_side_groups(place, lines);
  add_mounts(place, lines);
  for (const std::string& process : place.processes()) lines.insert("process " + process);
  add_files(place.state().root(), {"agent.lock", "ledger"}, lines);
  for (const std::string& service : service_names())
    add_files(place.folder() / ("data-" + service), {"log", "log.new"}, lines);
  return lines;
}

std::vector<std::string> compare(const Lines& before, const Lines& after) {
  std::vector<std::string> differences;
  const auto add = [&differences](const char* word, const Lines& more, const Lines& less) {
    std::vector<std::string> extra;
    std::set_difference(more.begin(), more.end(), less.begin(), less.end(), std::back_inserter(extra));
    for (const std::string& line : extra) differences.push_back(word + line);
  };
  add("new: ", after, before);
  add("gone: ", before, after);
  return differences;
}

std::vector<std::string> left_over(const Place& place, const Lines& before) {
  std::vector<std::string> left = compare(before, take_census(place));
  for (int i = 0; i < 50 && !left.empty(); ++i) {
    os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000);
    left = compare(before, take_census(place));
  }
  return left;
}

}  // namespace fracas::crash
