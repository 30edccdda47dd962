#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "checker/history/value.h"
#include "lib/base/large_vector.h"

namespace fracas::checker {

// Numbers the values of one history by first use, from 0: open addressing in one array, at most half full.
class ValueNumbers {
 public:
  // `expected`: how many distinct values there may be; more only cost time.
  explicit ValueNumbers(std::size_t expected = 0) : slots_(std::bit_ceil(2 * expected + 16)) {}

  std::uint32_t of(Value value) {
    Slot* slot = &slots_[place_of(value)];
    if (slot->number != kEmpty) return slot->number;
    if (2 * (std::size_t{count_} + 1) > slots_.size()) {
      grow();
      slot = &slots_[place_of(value)];
    }
    *slot = {value, count_};
    return count_++;
  }
  // kNone where the value has none.
  std::uint32_t find(Value value) const { return slots_[place_of(value)].number; }
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
  struct Slot {
    Value value;
    std::uint32_t number = kEmpty;
  };

  std::size_t place_of(Value value) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = spread(value) & mask;
    while (slots_[at].number != kEmpty && slots_[at].value != value) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    LargeVector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.number != kEmpty) slots_[place_of(slot.value)] = slot;
  }

  LargeVector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace fracas::checker
