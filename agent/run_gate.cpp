#include "agent/run_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace fracas::agent {

Status RunGate::admit(const std::string& run, std::int64_t lease_end_ns, std::int64_t now_ns) {
  const std::scoped_lock lock(mutex_);
  if (holder_ == run) return {};
  if (std::ranges::find(over_, run) != over_.end())
    return failure(fmt::format("run {} is over: it left this agent, or lost it with its lease", run), EBUSY);
  if (!holder_.empty() && now_ns < lease_end_ns)
    return failure(fmt::format("run {} has this agent; its lease ends in {} ms", holder_,
                               (lease_end_ns - now_ns + 999'999) / 1'000'000),
                   EBUSY);
  if (!holder_.empty()) end(holder_);
  holder_ = run;
  return {};
}

bool RunGate::leave(const std::string& run) {
  const std::scoped_lock lock(mutex_);
  const bool had = holder_ == run;
  if (had) holder_.clear();
  end(run);
  return had;
}

bool RunGate::has(const std::string& run) const {
  const std::scoped_lock lock(mutex_);
  return holder_ == run;
}

bool RunGate::is_over(const std::string& run) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::find(over_, run) != over_.end();
}

void RunGate::end(const std::string& run) {
  if (std::ranges::find(over_, run) == over_.end()) over_.push_back(run);
  if (over_.size() > kOverMax) over_.pop_front();
}

}  // namespace fracas::agent
