#pragma once
#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

namespace fracas::checker {

// Operations that have begun and may be placed, the one that returns first at the front; of two, the one
// that began first.
class EarliestFirst {
 public:
  void add(std::int64_t return_ns, std::uint32_t operation) { open_.emplace(-return_ns, ~operation); }
  bool empty() const { return open_.empty(); }
  // REQUIRES: !empty().
  std::uint32_t take() {
    const std::uint32_t operation = ~open_.top().second;
    open_.pop();
    return operation;
  }

 private:
  std::priority_queue<std::pair<std::int64_t, std::uint32_t>> open_;  // by minus the return time, and backwards
};

}  // namespace fracas::checker
