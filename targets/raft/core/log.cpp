#include "targets/raft/core/log.h"

#include <algorithm>
#include <utility>

#include "lib/base/ensure.h"
#include "targets/node/data/hash.h"

namespace fracas::raft {

std::optional<Term> Log::term_at(Index index) const {
  if (index == base_.index) return base_.term;
  if (index < base_.index || index > last_index()) return std::nullopt;
  return at(index).term;
}

std::uint64_t Log::hash_at(Index index) const {
  ensure(index >= base_.index && index <= last_index(), "log position out of range");
  return index == base_.index ? base_.hash : slots_[index - base_.index - 1].hash;
}

const Entry& Log::at(Index index) const {
  ensure(index > base_.index && index <= last_index(), "log position out of range");
  return slots_[index - base_.index - 1].entry;
}

Index Log::last_not_after(Index index, Term term) const {
  index = std::min(index, last_index());
  while (index > base_.index && at(index).term > term) --index;
  return index;
}

void Log::append(Entry entry) {
  ensure(entry.index == last_index() + 1, "log entries are appended in order");
  const std::uint64_t before = hash_at(last_index());
  const std::uint64_t hash = combine(combine(before, entry.term.value()), hash_bytes(entry.payload));
  slots_.push_back({std::move(entry), hash});
}

void Log::truncate(Index from) {
  ensure(from > base_.index, "the log is not cut below its base");
  while (last_index() >= from) slots_.pop_back();
}

void Log::compact(Index index) {
  ensure(index <= last_index(), "the log is not compacted past its end");
  while (base_.index < index) {
    const Slot& first = slots_.front();
    base_ = {first.entry.index, first.entry.term, first.hash};
    slots_.pop_front();
  }
}

std::vector<Entry> Log::copy_after(Index index) const {
  std::vector<Entry> entries;
  for (Index i = std::max(index, base_.index) + 1; i <= last_index(); ++i) entries.push_back(at(i));
  return entries;
}

}  // namespace fracas::raft
