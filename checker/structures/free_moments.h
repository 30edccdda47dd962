#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fracas::checker {

// Moments of time that get covered by open intervals, one after the other, and never free again.
class FreeMoments {
 public:
  explicit FreeMoments(std::vector<std::int64_t> moments);
  // The first moment at or after `at` that nothing covers; kNever where there is none.
  std::int64_t first_free(std::int64_t at);
  // Covers what lies strictly between.
  void cover(std::int64_t from, std::int64_t to);

 private:
  std::size_t find(std::size_t index);
  std::vector<std::int64_t> moments_;  // ascending, each once; kNever is the last
  std::vector<std::size_t> next_;      // a free moment at or after this one, or a step towards it
};

}  // namespace fracas::checker
