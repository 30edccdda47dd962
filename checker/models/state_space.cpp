#include "checker/models/state_space.h"

#include <algorithm>

namespace fracas::checker {

std::size_t TransitionTable::place_of(std::uint64_t key) const {
  const std::size_t mask = slots_.size() - 1;
  std::uint64_t hash = key * 0x9E3779B97F4A7C15U;
  hash ^= hash >> 32U;
  std::size_t at = hash & mask;
  while (slots_[at].key != kEmpty && slots_[at].key != key) at = (at + 1) & mask;
  return at;
}

const State* TransitionTable::find(State from, std::uint32_t call) const {
  if (slots_.empty()) return nullptr;
  const Slot& slot = slots_[place_of(key_of(from, call))];
  return slot.key == kEmpty ? nullptr : &slot.to;
}

void TransitionTable::put(State from, std::uint32_t call, State to) {
  if (2 * (count_ + 1) > slots_.size()) {
    std::vector<Slot> old(std::max<std::size_t>(64, 2 * slots_.size()));
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.key != kEmpty) slots_[place_of(slot.key)] = slot;
  }
  Slot& slot = slots_[place_of(key_of(from, call))];
  if (slot.key == kEmpty) ++count_;
  slot = {key_of(from, call), to};
}

}  // namespace fracas::checker
