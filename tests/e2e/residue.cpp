#include "tests/e2e/residue.h"

#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "lib/os/cgroup.h"

namespace fracas::test {
namespace {

namespace fs = std::filesystem;

std::set<std::string> output_lines(const char* command) {
  std::set<std::string> lines;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command, "r"), ::pclose);
  std::array<char, 512> line{};
  while (pipe && std::fgets(line.data(), static_cast<int>(line.size()), pipe.get())) lines.insert(line.data());
  return lines;
}

std::set<unsigned> bpf_ids(bpf_cmd next) {
  std::set<unsigned> ids;
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  while (::syscall(SYS_bpf, next, &attr, sizeof attr) == 0) {
    ids.insert(attr.next_id);
    attr.start_id = attr.next_id;
  }
  return ids;
}

std::string status_field(const fs::path& process, const std::string& name) {
  std::ifstream in(process / "status");
  for (std::string line; std::getline(in, line);)
    if (line.rfind(name + ":\t", 0) == 0) return line.substr(name.size() + 2);
  return {};
}

void add_process(const fs::path& process, Census& census) {
  struct stat ns {};
  if (::stat((process / "ns/net").c_str(), &ns) == 0) census.network_namespaces.insert(ns.st_ino);
  const std::string name = status_field(process, "Name");
  const std::string state = status_field(process, "State");
  const std::string line = process.filename().string() + " " + name;
  if (name.rfind("fracas", 0) == 0 && state[0] != 'Z') census.processes.insert(line);
  std::ifstream wait(process / "wchan");
  std::string channel;
  std::getline(wait, channel);
  if (state[0] == 'T' || channel.find("freezer") != std::string::npos) census.stopped.insert(line);
}

void add_tree(const fs::path& root, std::set<std::string>& into) {
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(root, ignored)) {
    if (!entry.is_directory(ignored) && root.string().find("cgroup") != std::string::npos) continue;
    into.insert(entry.path().string());
  }
}

template <typename T>
void compare(const std::set<T>& before, const std::set<T>& after, const char* what, std::vector<std::string>& lines) {
  for (const T& item : after)
    if (before.count(item) == 0) lines.push_back(fmt::format("{}: {}", what, item));
}

}  // namespace

Census take_census(const std::string& state) {
  Census census;
  census.links = output_lines("ip -o link show | cut -d: -f2");
  census.qdiscs = output_lines("tc qdisc show");
  census.bpf_programs = bpf_ids(BPF_PROG_GET_NEXT_ID);
  census.bpf_maps = bpf_ids(BPF_MAP_GET_NEXT_ID);
  census.bpf_links = bpf_ids(BPF_LINK_GET_NEXT_ID);
  if (const auto mount = os::Cgroup::mount_point()) add_tree(*mount / "fracas", census.cgroups);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored))
    if (std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) != 0)
      add_process(entry.path(), census);
  add_tree(fs::path(state) / "labs", census.state);
  return census;
}

std::vector<std::string> left_over(const Census& before, const Census& after) {
  std::vector<std::string> lines;
  compare(before.network_namespaces, after.network_namespaces, "network namespace", lines);
  compare(before.links, after.links, "link", lines);
  compare(before.qdiscs, after.qdiscs, "qdisc", lines);
  compare(before.bpf_programs, after.bpf_programs, "BPF program", lines);
  compare(before.bpf_maps, after.bpf_maps, "BPF map", lines);
  compare(before.bpf_links, after.bpf_links, "BPF link", lines);
  compare(before.cgroups, after.cgroups, "cgroup", lines);
  compare(before.processes, after.processes, "process", lines);
  compare(before.stopped, after.stopped, "stopped process", lines);
  compare(before.state, after.state, "state", lines);
  return lines;
}

std::vector<std::string> left_over_now(const Census& before, const std::string& state) {
  std::vector<std::string> left = left_over(before, take_census(state));
  for (int i = 0; i < 50 && !left.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    left = left_over(before, take_census(state));
  }
  return left;
}

}  // namespace fracas::test
