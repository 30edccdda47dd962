#pragma once
#include <cstddef>
#include <cstdint>

#include "lib/base/large_vector.h"

namespace fracas::checker {

// Moments of time, by number in ascending order, that get covered by open intervals, one after the other, and never
// free again.
class FreeMoments {
 public:
  void reserve(std::size_t moments) { moments_.reserve(moments); }
  // Adds a moment that is not before the one added last; returns its number, which is the last one's if they are equal.
  std::uint32_t append(std::int64_t at);
  // The last moment to be added: kNever.
  void close();
  // Nothing is covered any more.
  void free_all();

  std::int64_t at(std::uint32_t moment) const { return moments_[moment].at; }
  // The number of the first moment at or after `at`. REQUIRES: closed.
  std::uint32_t number_of(std::int64_t at) const;
  // The first moment from this one on that nothing covers; the last, kNever, is never covered.
  std::uint32_t first_free(std::uint32_t moment);
  // Covers what lies strictly between.
  void cover(std::uint32_t from, std::uint32_t to);

 private:
  struct Moment {
    std::int64_t at = 0;
    std::uint32_t next = 0;  // a free moment at or after this one, or a step towards it
  };
  LargeVector<Moment> moments_;
};

}  // namespace fracas::checker
