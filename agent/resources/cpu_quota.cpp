#include "agent/resources/cpu_quota.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
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
using namespace std::chrono_literals;

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// What the kernel has counted; `before` is the same at the start, when the cgroup is not ours.
model::EffectCounters count(const std::vector<fs::path>& groups, const model::EffectCounters& before,
                            std::int64_t since_ns) {
  model::EffectCounters sum;
  for (const fs::path& group : groups) {
    sum.matched += keyed_value(group / "cpu.stat", "nr_periods");
    sum.affected += keyed_value(group / "cpu.stat", "nr_throttled");
  }
  sum.matched -= std::min(sum.matched, before.matched);
  sum.affected -= std::min(sum.affected, before.affected);
  if (sum.affected == 0) return sum;
  sum.first_ns = since_ns;
  sum.last_ns = os::boot_now_ns();
  return sum;
}

// Of cgroups of ours, in the version 1 hierarchy.
class SideQuota final : public Change {
 public:
  explicit SideQuota(CpuQuotaOptions options)
      : options_(std::move(options)),
        group_("cpu", "fracas-" + options_.id, {.file = "cpu.cfs_quota_us", .content = "-1"}) {}

  std::string mechanism() const override { return "cpu.cfs_quota"; }
  Result<std::vector<UndoStep>> plan() override { return group_.plan(options_.victims); }

  Status apply() override {
    if (since_ns_ == 0) since_ns_ = os::boot_now_ns();
    const std::int64_t period = microseconds(options_.period);
    const auto quota = static_cast<std::int64_t>(options_.cpus * static_cast<double>(period));
    auto moved = group_.apply({{.file = "cpu.cfs_period_us", .content = std::to_string(period)},
                               {.file = "cpu.cfs_quota_us", .content = std::to_string(quota)}});
    if (!moved) return failure(std::move(moved).error());
    return {};
  }

  model::EffectCounters counters() const override { return count(group_.groups(), {}, since_ns_); }

 private:
  CpuQuotaOptions options_;
  SideGroup group_;
  std::int64_t since_ns_ = 0;
};

// Of the victims' own cgroups, in the unified hierarchy.
class UnifiedQuota final : public Change {
 public:
  explicit UnifiedQuota(CpuQuotaOptions options)
      : options_(std::move(options)), limit_("cpu", "cpu.max", options_.others) {}

  std::string mechanism() const override { return "cpu.max"; }
  Result<std::vector<UndoStep>> plan() override { return limit_.plan(options_.victims); }

  Status apply() override {
    const std::int64_t period = microseconds(options_.period);
    const auto quota = static_cast<std::int64_t>(options_.cpus * static_cast<double>(period));
    if (auto set = limit_.apply(fmt::format("{} {}", quota, period)); !set) return set;
    if (since_ns_ != 0) return {};
    before_ = count(limit_.groups(), {}, 0);
    since_ns_ = os::boot_now_ns();
    return {};
  }

  model::EffectCounters counters() const override { return count(limit_.groups(), before_, since_ns_); }

 private:
  CpuQuotaOptions options_;
  UnifiedLimit limit_;
  model::EffectCounters before_;
  std::int64_t since_ns_ = 0;
};

Status check(const CpuQuotaOptions& options) {
  if (!(options.cpus >= 0.01 && options.cpus <= 1000)) return failure("cpus must be 0.01 to 1000", EINVAL);
  if (options.period < 1ms || options.period > 1s) return failure("the period must be 1 ms to 1 s", EINVAL);
  // The kernel deals out no less. Source: min_cfs_quota_period in kernel/sched/core.c.
  if (options.cpus * static_cast<double>(microseconds(options.period)) < 1000)
    return failure("cpus times period must be 1 ms at least", EINVAL);
  return {};
}

}  // namespace

Result<std::string> cpu_quota_mechanism() {
  if (auto home = v1_group_of(::getpid(), "cpu"); home) {
    if (fs::exists(*home / "cpu.cfs_quota_us") || fs::exists(home->parent_path() / "cpu.cfs_quota_us"))
      return "cpu.cfs_quota";
    return failure("the kernel has no CPU bandwidth control (CONFIG_CFS_BANDWIDTH)", EOPNOTSUPP);
  }
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure("no cgroup hierarchy with the cpu controller is mounted", EOPNOTSUPP);
  const auto controllers = os::read_file(*mount / "cgroup.controllers");
  if (!controllers || (" " + *controllers).find(" cpu") == std::string::npos)
    return failure("the cpu controller is on no cgroup hierarchy", EOPNOTSUPP);
  return "cpu.max";
}

Result<std::unique_ptr<Change>> plan_cpu_quota(const CpuQuotaOptions& options) {
  if (auto valid = check(options); !valid) return failure(std::move(valid).error());
  auto mechanism = cpu_quota_mechanism();
  if (!mechanism) return failure(std::move(mechanism).error());
  std::unique_ptr<Change> change;
  if (*mechanism == "cpu.max") {
    change = std::make_unique<UnifiedQuota>(options);
  } else {
    change = std::make_unique<SideQuota>(options);
  }
  // What cannot be done is told now, before anything is armed.
  if (auto planned = change->plan(); !planned) return failure(std::move(planned).error());
  return change;
}

}  // namespace fracas::agent
