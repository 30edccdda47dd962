#pragma once
#include <cstdint>
#include <limits>
#include <optional>

#include "lib/base/result.h"
#include "lib/model/history.h"

namespace fracas::checker {

// The rule of time (reading.h): the order of the lines is that of the events. An invocation comes after every return
// above it, all else is at least not earlier.
class LineTimes {
 public:
  // The time at which the event counts: the recorded one, later where that contradicts the lines above; `number` where
  // none is recorded. ERRORS: a time for some events only, one that is none, or one more than a second too early.
  Result<std::int64_t> place(std::optional<std::int64_t> recorded_ns, model::EventType type, std::int64_t number);

  bool timed() const { return timed_.value_or(false); }
  bool differ() const { return differ_; }  // the recorded times
  std::int64_t first_ns() const { return first_ns_; }
  std::int64_t last_ns() const { return last_ns_; }
  std::uint64_t late_lines() const { return late_lines_; }
  std::int64_t late_ns_max() const { return late_ns_max_; }

 private:
  std::optional<bool> timed_;  // whether events have times; unknown before the first
  std::int64_t first_ns_ = 0;  // as recorded
  std::int64_t last_ns_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t last_return_ns_ = std::numeric_limits<std::int64_t>::min();
  bool differ_ = false;
  std::uint64_t late_lines_ = 0;
  std::int64_t late_ns_max_ = 0;
};

}  // namespace fracas::checker
