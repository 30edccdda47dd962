#include "agent/resources/pid_limit.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "agent/resources/controller_group.h"
#include "agent/resources/side_group.h"
#include "agent/resources/unified_limit.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

// Tasks of all the victims' processes.
std::uint64_t count_tasks(const std::vector<ServiceSite>& victims) {
  std::uint64_t tasks = 0;
  for (const ServiceSite& victim : victims)
    for (const os::ProcessIdentity& process : processes_of(victim).value_or(std::vector<os::ProcessIdentity>{})) {
      std::error_code failed;
      const fs::path folder = "/proc/" + std::to_string(process.pid) + "/task";
      for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) ++tasks;
    }
  return tasks;
}

class PidLimit final : public Change {
 public:
  PidLimit(PidLimitOptions options, bool unified)
      : options_(std::move(options)),
        unified_(unified),
        side_("pids", "fracas-" + options_.id, {.file = "pids.max", .content = "max"}),
        own_("pids", "pids.max", options_.others) {}

  std::string mechanism() const override { return "pids.max"; }
  Result<std::vector<UndoStep>> plan() override {
    return unified_ ? own_.plan(options_.victims) : side_.plan(options_.victims);
  }

  Status apply() override {
    if (max_.empty()) max_ = std::to_string(count_tasks(options_.victims) + options_.spare);
    if (unified_) {
      if (auto set = own_.apply(max_); !set) return set;
    } else {
      auto moved = side_.apply({{.file = "pids.max", .content = max_}});
      if (!moved) return failure(std::move(moved).error());
    }
    count();
    return {};
  }

  model::EffectCounters counters() const override { return counters_; }

 private:
  void count() {
    std::uint64_t processes = 0;
    for (const ServiceSite& victim : options_.victims)
      processes += processes_of(victim).value_or(std::vector<os::ProcessIdentity>{}).size();
    counters_.matched = counters_.affected = std::max(counters_.matched, processes);
    if (counters_.affected == 0) return;
    counters_.last_ns = os::boot_now_ns();
    if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
  }

  PidLimitOptions options_;
  bool unified_;
  SideGroup side_;
  UnifiedLimit own_;
  std::string max_;
  model::EffectCounters counters_;
};

}  // namespace

Result<std::string> pid_limit_mechanism() {
  if (has_v1_controller("pids")) return "pids.max";
  auto mount = os::Cgroup::mount_point();
  const auto controllers = mount ? os::read_file(*mount / "cgroup.controllers") : failure("");
  if (!controllers || controllers->find("pids") == std::string::npos)
    return failure("the pids controller is on no cgroup hierarchy (CONFIG_CGROUP_PIDS)", EOPNOTSUPP);
  return "pids.max";
}

Result<std::unique_ptr<Change>> plan_pid_limit(const PidLimitOptions& options) {
  if (auto works = pid_limit_mechanism(); !works) return failure(std::move(works).error());
  auto change = std::make_unique<PidLimit>(options, !has_v1_controller("pids"));
  if (auto planned = change->plan(); !planned) return failure(std::move(planned).error());
  return std::unique_ptr<Change>(std::move(change));
}

}  // namespace fracas::agent
