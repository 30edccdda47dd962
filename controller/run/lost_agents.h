#pragma once
#include <cstddef>
#include <mutex>
#include <set>
#include <string>

namespace fracas::controller {

// Agents that were lost in a run. Up to a number of them the run goes on without them: what they hold ends with its
// window or its lease. Thread: any.
class LostAgents {
 public:
  explicit LostAgents(std::size_t most) : most_(most) {}

  // True if the run goes on without it as well.
  bool lose(const std::string& host) {
    const std::scoped_lock lock(mutex_);
    lost_.insert(host);
    return lost_.size() <= most_;
  }
  bool has(const std::string& host) const {
    const std::scoped_lock lock(mutex_);
    return lost_.contains(host);
  }

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::set<std::string> lost_;
};

}  // namespace fracas::controller
