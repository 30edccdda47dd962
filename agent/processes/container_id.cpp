#include "agent/processes/container_id.h"

#include <algorithm>
#include <array>

namespace fracas::agent {
namespace {

constexpr std::size_t kIdLength = 64;

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char each) { return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f'); });
}

bool is_id(std::string_view text) {
  return text.size() == kIdLength && is_hexadecimal(text);
}

// What stands between `front` and `back`; empty if it does not.
std::string_view between(std::string_view text, std::string_view front, std::string_view back) {
  const bool fits = text.size() > front.size() + back.size() && text.starts_with(front) && text.ends_with(back);
  return fits ? text.substr(front.size(), text.size() - front.size() - back.size()) : std::string_view();
}

// The container whose cgroup is called `part`, below one called `above`.
std::string_view container_named(std::string_view part, std::string_view above) {
  static constexpr std::array<std::string_view, 4> kRuntimes = {"docker-", "libpod-", "cri-containerd-", "crio-"};
  for (const std::string_view runtime : kRuntimes)
    if (const auto id = between(part, runtime, ".scope"); is_id(id)) return id;
  for (const auto& [front, back] : {std::pair<std::string_view, std::string_view>{"lxc.payload.", ""},
                                    {"machine-", ".scope"},
                                    {"systemd-nspawn@", ".service"}})
    if (const auto name = between(part, front, back); !name.empty()) return name;
  if (is_id(part)) return part;
  return above == "lxc" ? part : std::string_view();
}

}  // namespace

std::string container_at(std::string_view cgroup) {
  const std::size_t slash = cgroup.rfind('/');
  if (slash == std::string_view::npos) return std::string(container_named(cgroup, ""));
  const std::string_view folder = cgroup.substr(0, slash);
  const std::size_t before = folder.rfind('/');
  return std::string(
      container_named(cgroup.substr(slash + 1), before == std::string_view::npos ? folder : folder.substr(before + 1)));
}

std::string container_of(std::string_view cgroup) {
  while (!cgroup.empty()) {
    if (std::string found = container_at(cgroup); !found.empty()) return found;
    const std::size_t slash = cgroup.rfind('/');
    cgroup = slash == std::string_view::npos ? std::string_view() : cgroup.substr(0, slash);
  }
  return {};
}

bool means_container(std::string_view wanted, std::string_view id) {
  return !wanted.empty() && (wanted == id || (is_id(id) && id.starts_with(wanted)));
}

}  // namespace fracas::agent
