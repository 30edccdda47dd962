#include "agent/resources/fd_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/resources/soft_limit.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

class FdLimit final : public Change {
 public:
  explicit FdLimit(FdLimitOptions options) : options_(std::move(options)) {}

  std::string mechanism() const override { return "prlimit"; }
  Result<std::vector<UndoStep>> plan() override;
  Status apply() override;
  model::EffectCounters counters() const override { return counters_; }

 private:
  Status plan_for(const ServiceSite& victim);
  std::uint64_t before_others(std::uint64_t soft) const;
  Status lower_again();

  FdLimitOptions options_;
  std::vector<LimitBack> lowered_;
  std::size_t applied_ = 0;  // of `lowered_`, from its start
  model::EffectCounters counters_;
};

// Another fault may have lowered it before us, and others before that one.
std::uint64_t FdLimit::before_others(std::uint64_t soft) const {
  for (const UndoStep& step : options_.others ? options_.others() : std::vector<UndoStep>{})
    if (const auto* back = std::get_if<LimitBack>(&step);
        back != nullptr && back->resource == RLIMIT_NOFILE && back->lowered == soft)
      soft = std::max(soft, back->former);
  return soft;
}

Status FdLimit::plan_for(const ServiceSite& victim) {
  auto processes = processes_of(victim);
  if (!processes) return failure(std::move(processes).error());
  for (const os::ProcessIdentity& process : *processes) {
    const auto known = std::find_if(lowered_.begin(), lowered_.end(), [&process](const LimitBack& other) {
      return other.process.pid == process.pid && other.process.start_ticks == process.start_ticks;
    });
    if (known != lowered_.end()) continue;
    auto former = soft_limit(process.pid, RLIMIT_NOFILE);
    auto limit = exhausting_fd_limit(process.pid, options_.spare);
    if (!former || !limit) {
      if ((former ? limit.error() : former.error()).code == ESRCH) continue;
      return failure(former ? std::move(limit).error() : std::move(former).error());
    }
    ++counters_.matched;
    // A child of a process whose limit was lowered: what its parent had before is right for it as well.
    for (const LimitBack& other : lowered_)
      if (*former == other.lowered) former = other.former;
    former = before_others(*former);
    if (*limit >= *former) continue;
    lowered_.push_back(
        {.process = process, .group = victim.cgroup, .resource = RLIMIT_NOFILE, .lowered = *limit, .former = *former});
  }
  return {};
}

Result<std::vector<UndoStep>> FdLimit::plan() {
  for (const ServiceSite& victim : options_.victims)
    if (auto planned = plan_for(victim); !planned) return failure(std::move(planned).error());
  return std::vector<UndoStep>(lowered_.begin(), lowered_.end());
}

// Of two faults that overlap the one that ends first gives back what was before both.
Status FdLimit::lower_again() {
  for (std::size_t i = 0; i < applied_; ++i) {
    const LimitBack& one = lowered_[i];
    const auto soft = soft_limit(one.process.pid, one.resource);
    if (!soft || *soft != one.former || !one.process.alive()) continue;
    if (auto set = set_soft_limit(one.process.pid, one.resource, one.lowered); !set && set.error().code != ESRCH)
      return set;
  }
  return {};
}

Status FdLimit::apply() {
  if (auto lowered = lower_again(); !lowered) return lowered;
  for (; applied_ < lowered_.size(); ++applied_) {
    const LimitBack& next = lowered_[applied_];
    // The lowest limit of several faults holds.
    const auto soft = soft_limit(next.process.pid, next.resource);
    if (auto set =
            soft && *soft < next.lowered ? Status() : set_soft_limit(next.process.pid, next.resource, next.lowered);
        !set) {
      if (set.error().code == ESRCH) continue;
      return set;
    }
    ++counters_.affected;
    counters_.last_ns = os::boot_now_ns();
    if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
  }
  return {};
}

}  // namespace

std::unique_ptr<Change> plan_fd_limit(const FdLimitOptions& options) {
  return std::make_unique<FdLimit>(options);
}

}  // namespace fracas::agent
