#include "agent/resources/unified_limit.h"

#include <algorithm>
#include <cerrno>
#include <optional>
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

// What another fault will write into this file.
std::optional<std::string> noted_content(const fs::path& file, const std::vector<UndoStep>& others) {
  for (const UndoStep& step : others)
    if (const auto* back = std::get_if<WriteBack>(&step); back != nullptr && back->file == file) return back->content;
  return std::nullopt;
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
  const auto others = others_ ? others_() : std::vector<UndoStep>{};
  for (const ServiceSite& victim : victims) {
    if (victim.cgroup.empty()) return failure("service '" + victim.spec.name + "' has no cgroup", EOPNOTSUPP);
    if (std::find(groups_.begin(), groups_.end(), victim.cgroup) != groups_.end()) continue;
    const fs::path parent = victim.cgroup.parent_path();
    if (!has_word(parent / "cgroup.controllers", controller_))
      return failure("the controller " + controller_ + " is not available in " + parent.string() +
                         ": enable it in the cgroup.subtree_control of the cgroups above",
                     EOPNOTSUPP);
    const fs::path switches = parent / "cgroup.subtree_control";
    const bool is_ours = noted_content(switches, others) == "-" + controller_;
    if ((is_ours || !has_word(switches, controller_)) &&
        std::find(enable_.begin(), enable_.end(), parent) == enable_.end()) {
      enable_.push_back(parent);
      steps_.insert(steps_.begin(), WriteBack{switches, "-" + controller_});
    }
    groups_.push_back(victim.cgroup);
    const fs::path limit = victim.cgroup / file_;
    const auto noted = noted_content(limit, others);
    steps_.push_back(WriteBack{limit, noted ? *noted : former_content(limit, controller_)});
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
