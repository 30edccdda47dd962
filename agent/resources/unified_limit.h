#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agent/resources/undo_step.h"
#include "agent/site.h"
#include "lib/base/result.h"

namespace fracas::agent {

// One limit file, like "cpu.max", of the victims' own cgroups on the unified hierarchy. Where the controller is not
// enabled for them it is, in their parents' cgroup.subtree_control, and disabled again afterwards. Thread: one at a
// time.
class UnifiedLimit {
 public:
  UnifiedLimit(std::string controller, std::string file) : controller_(std::move(controller)), file_(std::move(file)) {}

  // REQUIRES: every victim has a cgroup. ERRORS: EOPNOTSUPP what the hierarchy lacks.
  Result<std::vector<UndoStep>> plan(const std::vector<ServiceSite>& victims);
  // Writes `content` into every victim's file.
  Status apply(const std::string& content) const;

  const std::vector<std::filesystem::path>& groups() const { return groups_; }

 private:
  std::string controller_;
  std::string file_;
  std::vector<std::filesystem::path> groups_;
  std::vector<std::filesystem::path> enable_;  // parents, the outermost first
  std::vector<UndoStep> steps_;
};

}  // namespace fracas::agent
