#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agent/resources/undo_step.h"
#include "agent/site.h"
#include "lib/base/result.h"

namespace fracas::agent {

// One limit file, like "cpu.max", of the victims' own cgroups on the unified hierarchy. Where the controller is not
// enabled for them it is, in their parents' cgroup.subtree_control, and disabled again afterwards. Faults that overlap
// share what was there before: each of them gives back that, and sets its own again at its next `apply`. Thread: one at
// a time.
class UnifiedLimit {
 public:
  UnifiedLimit(std::string controller, std::string file, OtherSteps others)
      : controller_(std::move(controller)), file_(std::move(file)), others_(std::move(others)) {}

  // REQUIRES: every victim has a cgroup. ERRORS: EOPNOTSUPP what the hierarchy lacks.
  Result<std::vector<UndoStep>> plan(const std::vector<ServiceSite>& victims);
  // Writes `content` into every victim's file.
  Status apply(const std::string& content) const;

  const std::vector<std::filesystem::path>& groups() const { return groups_; }

 private:
  std::string controller_;
  std::string file_;
  OtherSteps others_;
  std::vector<std::filesystem::path> groups_;
  std::vector<std::filesystem::path> enable_;  // parents, the outermost first
  std::vector<UndoStep> steps_;
};

}  // namespace fracas::agent
