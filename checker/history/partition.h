#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/history/history.h"

namespace fracas::checker {

// Operations of a history in groups that can be judged apart. Indexes into History::operations.
class Partition {
 public:
  // One group a key, by the key's first use; each in the order of invocation, failed operations among them.
  // On as many threads as are given (0 = as many as the machine has cores), if that is worth while.
  static Partition by_key(const History& history, unsigned threads = 1);
  // One group of everything; none for an empty history.
  static Partition whole(const History& history);

  std::size_t size() const { return begins_.size() - 1; }
  // REQUIRES: i < size(). Never empty.
  std::span<const std::uint32_t> operator[](std::size_t i) const {
    return std::span(operations_).subspan(begins_[i], begins_[i + 1] - begins_[i]);
  }

 private:
  LargeVector<std::uint32_t> operations_;
  std::vector<std::uint32_t> begins_{0};  // where each group begins, and the end
};

}  // namespace fracas::checker
