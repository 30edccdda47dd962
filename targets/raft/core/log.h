#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "targets/raft/core/ids.h"

namespace fracas::raft {

// The log in memory, without the part that a snapshot replaced. Every position carries a chain hash over all
// entries up to it, so equal hashes mean equal logs.
class Log {
 public:
  // Where the log begins: the last position that was cut off.
  struct Base {
    Index index = 0;
    Term term;
    std::uint64_t hash = 0;
  };

  Log() = default;
  explicit Log(Base base) : base_(base) {}

  Index base_index() const { return base_.index; }
  Index last_index() const { return base_.index + slots_.size(); }
  Term last_term() const { return slots_.empty() ? base_.term : slots_.back().entry.term; }
  // Nothing where the position is cut off or past the end. The base itself still has its term.
  std::optional<Term> term_at(Index index) const;
  // REQUIRES: base_index() <= index <= last_index().
  std::uint64_t hash_at(Index index) const;
  // REQUIRES: base_index() < index <= last_index().
  const Entry& at(Index index) const;
  // The last position <= `index` whose term is <= `term`; may be the base.
  Index last_not_after(Index index, Term term) const;

  // REQUIRES: entry.index == last_index() + 1.
  void append(Entry entry);
  // Drops `from` and everything after it. REQUIRES: from > base_index().
  void truncate(Index from);
  // Forgets everything up to `index`. REQUIRES: index <= last_index(). No effect where it is forgotten already.
  void compact(Index index);
  std::vector<Entry> copy_after(Index index) const;

 private:
  struct Slot {
    Entry entry;
    std::uint64_t hash = 0;
  };
  Base base_;
  std::deque<Slot> slots_;
};

}  // namespace fracas::raft
