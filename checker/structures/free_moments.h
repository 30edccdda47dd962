#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/base/large_vector.h"

namespace fracas::checker {

// Moments of time, by number in ascending order, that get covered by open intervals, one after the other, and never
// free again. What is free is a bit a moment, below bits that say in which words there are any: a hundredth of what
// the times take, so that it stays in the processor's cache where intervals come in no order.
class FreeMoments {
 public:
  void reserve(std::size_t moments) { times_.reserve(moments); }
  // Adds a moment that is not before the one added last; returns its number, which is the last one's if they are equal.
  std::uint32_t append(std::int64_t at) {
    if (times_.empty() || times_.back() != at) times_.push_back(at);
    return static_cast<std::uint32_t>(times_.size() - 1);
  }
  // The last moment to be added: kNever.
  void close();
  // Nothing is covered any more.
  void free_all();

  std::int64_t at(std::uint32_t moment) const { return times_[moment]; }
  // The number of the first moment at or after `at`. REQUIRES: closed.
  std::uint32_t number_of(std::int64_t at) const;
  // The first moment from this one on that nothing covers; the last, kNever, is never covered.
  std::uint32_t first_free(std::uint32_t moment) const;
  // Covers what lies strictly between. A word is covered once, however many intervals go over it.
  void cover(std::uint32_t from, std::uint32_t to);

 private:
  LargeVector<std::int64_t> times_;
  // The first has a bit a moment, each other one a bit for each word of the one before; the last is one word.
  std::vector<std::vector<std::uint64_t>> free_;
};

}  // namespace fracas::checker
