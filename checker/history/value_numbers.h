#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "checker/history/value.h"
#include "lib/base/large_vector.h"

namespace fracas::checker {

// Numbers the values of one history by first use, from 0. Integers close to the first one that is not negative, as
// histories mostly number theirs, are looked up in an array; all others by open addressing in a table, at most half
// full.
class ValueNumbers {
 public:
  // `expected`: how many distinct values there may be; more only cost time.
  explicit ValueNumbers(std::size_t expected = 0) : expected_(expected) {}

  std::uint32_t of(Value value) {
    if (dense_.empty() && value.is(Value::Kind::integer) && value.integer() >= 0) begin_dense(value);
    if (const std::size_t place = dense_place(value); place < dense_.size()) {
      if (dense_[place] == kEmpty) dense_[place] = count_++;
      return dense_[place];
    }
    if (2 * (std::size_t{sparse_} + 1) > slots_.size()) grow();
    Slot& slot = slots_[place_of(value)];
    if (slot.number != kEmpty) return slot.number;
    slot = {value, count_++};
    ++sparse_;
    return slot.number;
  }
  // kNone where the value has none.
  std::uint32_t find(Value value) const {
    if (const std::size_t place = dense_place(value); place < dense_.size()) return dense_[place];
    return slots_.empty() ? kEmpty : slots_[place_of(value)].number;
  }
  std::uint32_t count() const { return count_; }

 private:
  // Eight values that follow on one another lie together: most histories number theirs upwards, and a look into a large
  // table is then seldom a miss of the cache.
  static std::size_t spread(Value value) {
    const std::uint64_t bits = value.bits();
    const std::uint64_t upper = ((bits >> 7U) ^ (bits << 60U)) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(((upper ^ (upper >> 29U)) << 3U) + (bits >> 4U & 7U));
  }
  static constexpr std::uint32_t kEmpty = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kFewSlots = 32;
  static constexpr std::int64_t kBelowFirst = 64;  // concurrent clients begin in no order
  struct Slot {
    Value value;
    std::uint32_t number = kEmpty;
  };

  void begin_dense(Value first) {
    base_ = std::max(first.integer() - kBelowFirst, std::int64_t{0});  // what is negative may be in the table already
    dense_.assign(2 * expected_ + 2 * static_cast<std::size_t>(kBelowFirst), kEmpty);
  }
  // Outside of the array for what is not in it.
  std::size_t dense_place(Value value) const {
    if (!value.is(Value::Kind::integer)) return std::numeric_limits<std::size_t>::max();
    return static_cast<std::size_t>(value.integer() - base_);
  }

  std::size_t place_of(Value value) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = spread(value) & mask;
    while (slots_[at].number != kEmpty && slots_[at].value != value) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    // A few are rather exceptions than the first of all.
    LargeVector<Slot> old(slots_.empty() ? kFewSlots : std::max(2 * slots_.size(), std::bit_ceil(2 * expected_)));
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.number != kEmpty) slots_[place_of(slot.value)] = slot;
  }

  std::size_t expected_ = 0;
  std::int64_t base_ = 0;             // the integer that dense_ begins with
  LargeVector<std::uint32_t> dense_;  // numbers
  LargeVector<Slot> slots_;           // the values that are not in dense_
  std::uint32_t count_ = 0, sparse_ = 0;
};

}  // namespace fracas::checker
