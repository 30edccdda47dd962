#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agent/resources/undo_step.h"
#include "agent/site.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Cgroups of ours in a version 1 hierarchy, right below those the victims' processes are in, so that every limit around
// them keeps holding and no file of anybody else is written. Made for one fault; `undo` of its steps empties and
// removes them. Thread: one at a time.
class SideGroup {
 public:
  struct Setting {
    std::string file;     // "cpu.cfs_quota_us"
    std::string content;  // one write
  };

  // `name` is the folder's name, unique on the host. `no_limit` lifts the limit: the first step of undoing, because a
  // cgroup that another fault's is inside of cannot go before that one.
  SideGroup(std::string controller, std::string name, Setting no_limit)
      : controller_(std::move(controller)), name_(std::move(name)), no_limit_(std::move(no_limit)) {}

  // Finds where the processes are now. ERRORS: ENOENT the host has no such hierarchy.
  Result<std::vector<UndoStep>> plan(const std::vector<ServiceSite>& victims);

  // Makes the cgroups that are missing with these settings and moves the processes in; returns how many it moved.
  Result<std::size_t> apply(const std::vector<Setting>& settings);

  // The cgroups, existing or to be made.
  std::vector<std::filesystem::path> groups() const;

 private:
  struct Move {
    std::filesystem::path home;
    std::vector<pid_t> pids;  // not yet in `home`/`name_`
  };

  std::string controller_;
  std::string name_;
  Setting no_limit_;
  std::vector<Move> moves_;
};

// The value of a key in a flat-keyed kernel file like cpu.stat; 0 if it is not there.
std::uint64_t keyed_value(const std::filesystem::path& file, std::string_view key);

}  // namespace fracas::agent
