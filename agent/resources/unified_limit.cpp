#include "agent/resources/unified_limit.h"

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

bool has_word(const fs::path& file, const std::string& wanted) {
  std::istringstream words(os::read_file(file).value_or(""));
  for (std::string word; words >> word;)
    if (word == wanted) return true;
  return false;
}

std::string former_content(const fs::path& file, const std::string& controller) {
  // A cgroup that gets the controller only now starts with the kernel's own default, and loses it again with it.
  auto text = os::read_file(file);
  if (!text) return controller == "cpu" ? "max 100000" : "max";
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

}  // namespace

Result<std::vector<UndoStep>> UnifiedLimit::plan(const std::vector<ServiceSite>& victims) {
  for (const ServiceSite& victim : victims) {
    if (victim.cgroup.empty()) return failure("service '" + victim.spec.name + "' has no cgroup", EOPNOTSUPP);
    if (std::find(groups_.begin(), groups_.end(), victim.cgroup) != groups_.end()) continue;
    const fs::path parent = victim.cgroup.parent_path();
    if (!has_word(parent / "cgroup.controllers", controller_))
      return failure("the controller " + controller_ + " is not available in " + parent.string() +
                         ": enable it in the cgroup.subtree_control of the cgroups above",
                     EOPNOTSUPP);
    if (!has_word(parent / "cgroup.subtree_control", controller_) &&
        std::find(enable_.begin(), enable_.end(), parent) == enable_.end()) {
      enable_.push_back(parent);
      steps_.insert(steps_.begin(), WriteBack{parent / "cgroup.subtree_control", "-" + controller_});
    }
    groups_.push_back(victim.cgroup);
    steps_.push_back(WriteBack{victim.cgroup / file_, former_content(victim.cgroup / file_, controller_)});
  }
  return steps_;
}

Status UnifiedLimit::apply(const std::string& content) const {
  for (const fs::path& parent : enable_)
    if (auto enabled = os::write_kernel_file(parent / "cgroup.subtree_control", "+" + controller_); !enabled)
      return enabled;
  for (const fs::path& group : groups_) {
    auto set = os::write_kernel_file(group / file_, content);
    if (!set && set.error().code != ENOENT) return set;  // ENOENT: the service has been stopped.
  }
  return {};
}

}  // namespace fracas::agent
