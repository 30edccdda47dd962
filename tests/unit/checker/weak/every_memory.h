#pragma once
#include <algorithm>
#include <functional>
#include <vector>

#include "checker/history/history.h"
#include "checker/weak/levels.h"

// The levels of registers as their definitions say, tried on every order, every choice of the writes that reads saw and
// every set of writes of unknown outcome. For a handful of operations.
namespace fracas::checker::tests {

class EveryMemory {
 public:
  EveryMemory(const History& history, std::span<const std::uint32_t> operations) : history_(history) {
    for (const std::uint32_t index : operations) {
      const Operation& operation = history.operations[index];
      if (operation.outcome == Outcome::fail) continue;
      if (operation.function == checker::Function::read && operation.outcome != Outcome::ok) continue;
      everything_.push_back(&operation);
    }
  }

  bool holds(weak::Level level) {
    level_ = level;
    return choose_writes(0, {});
  }

  // Does the order, of indexes into the history's operations, explain all reads and keep every process's own?
  bool explains(const std::vector<std::uint32_t>& order) {
    all_.clear();
    for (const std::uint32_t index : order) all_.push_back(&history_.operations[index]);
    std::size_t fixed = 0;
    for (const Operation* operation : everything_) fixed += operation->outcome == Outcome::ok ? 1 : 0;
    for (const Operation* operation : all_) fixed -= operation->outcome == Outcome::ok ? 1 : 0;
    if (fixed != 0) return false;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      for (std::size_t j = i + 1; j < all_.size(); ++j)
        if (in_session(j, i)) return false;
      if (!reads(i)) continue;
      checker::Value held;
      for (std::size_t j = 0; j < i; ++j)
        if (!reads(j) && all_[j]->key == all_[i]->key) held = all_[j]->argument;
      if (!(held == all_[i]->result)) return false;
    }
    return true;
  }

 private:
  using Relation = std::vector<std::vector<bool>>;
  static constexpr std::size_t kInitially = static_cast<std::size_t>(-1);

  bool reads(std::size_t i) const { return all_[i]->function == checker::Function::read; }
  bool fixed(std::size_t i) const { return all_[i]->outcome == Outcome::ok; }
  bool in_session(std::size_t a, std::size_t b) const {
    return all_[a]->process == all_[b]->process && fixed(a) && all_[a]->invoke < all_[b]->invoke;
  }

  bool choose_writes(std::size_t next, std::vector<const Operation*> chosen) {
    if (next == everything_.size()) {
      all_ = chosen;
      return choose_sources(0, {});
    }
    if (everything_[next]->outcome != Outcome::ok && choose_writes(next + 1, chosen)) return true;
    chosen.push_back(everything_[next]);
    return choose_writes(next + 1, chosen);
  }

  bool choose_sources(std::size_t next, std::vector<std::size_t> from) {
    if (next == all_.size()) {
      from_ = from;
      return judge();
    }
    from.push_back(kInitially);
    if (!reads(next)) return choose_sources(next + 1, from);
    if (all_[next]->result.is_nil() && choose_sources(next + 1, from)) return true;
    for (std::size_t w = 0; w < all_.size(); ++w) {
      if (reads(w) || !(all_[w]->key == all_[next]->key) || !(all_[w]->argument == all_[next]->result)) continue;
      from.back() = w;
      if (choose_sources(next + 1, from)) return true;
    }
    return false;
  }

  bool judge() const {
    using weak::Level;
    switch (level_) {
      case Level::read_your_writes:
        return !misses(closure([&](std::size_t a, std::size_t b) { return in_session(a, b) && !reads(a); }));
      case Level::monotonic_reads:
        return reads_never_go_back();
      case Level::monotonic_writes:
        return !misses(closure(
            [&](std::size_t a, std::size_t b) { return (in_session(a, b) && reads(a) == reads(b)) || saw(b, a); }));
      case Level::writes_follow_reads:
        return !misses(
            closure([&](std::size_t a, std::size_t b) { return (in_session(a, b) && reads(a)) || saw(b, a); }));
      case Level::pram:
        return each_process_explained(false);
      case Level::weak_causal:
        return each_operation_explained(false);
      case Level::causal_memory:
        return each_operation_explained(true);
      case Level::causal_convergence:
        return writes_arbitrated();
      default:
        return ordered(everyone(), everyone(), session());
    }
  }

  bool saw(std::size_t read, std::size_t write) const { return reads(read) && from_[read] == write; }

  template <typename Related>
  Relation closure(const Related& related) const {
    const std::size_t n = all_.size();
    Relation all(n, std::vector<bool>(n, false));
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b) all[a][b] = a != b && related(a, b);
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b)
          if (all[a][k] && all[k][b]) all[a][b] = true;
    return all;
  }
  Relation session() const {
    return closure([&](std::size_t a, std::size_t b) { return in_session(a, b); });
  }
  Relation causality() const {
    return closure([&](std::size_t a, std::size_t b) { return in_session(a, b) || saw(b, a); });
  }
  static bool circular(const Relation& all) {
    for (std::size_t a = 0; a < all.size(); ++a)
      if (all[a][a]) return true;
    return false;
  }

  // Does some read lack a write that comes before it and after what it saw?
  bool misses(const Relation& before) const {
    if (circular(before)) return true;
    for (std::size_t r = 0; r < all_.size(); ++r)
      for (std::size_t w = 0; w < all_.size(); ++w) {
        if (!reads(r) || reads(w) || w == from_[r] || !(all_[w]->key == all_[r]->key) || !before[w][r]) continue;
        if (from_[r] == kInitially || before[from_[r]][w]) return true;
      }
    return false;
  }

  bool reads_never_go_back() const {
    const auto same = [&](std::size_t a, std::size_t b) {
      return reads(a) && reads(b) && in_session(a, b) && all_[a]->key == all_[b]->key;
    };
    for (std::size_t a = 0; a < all_.size(); ++a)
      for (std::size_t b = 0; b < all_.size(); ++b) {
        if (!same(a, b)) continue;
        if (from_[b] == kInitially && from_[a] != kInitially) return false;
        for (std::size_t c = 0; c < all_.size(); ++c)
          if (same(b, c) && from_[a] == from_[c] && from_[a] != from_[b]) return false;
      }
    return true;
  }

  std::vector<bool> everyone() const { return std::vector<bool>(all_.size(), true); }

  // Is there an order of `members` that extends `before` and explains those of them that `explained` has?
  bool ordered(const std::vector<bool>& members, const std::vector<bool>& explained, const Relation& before) const {
    std::vector<std::size_t> order;
    std::vector<bool> left = members;
    return extend(left, order, explained, before);
  }
  bool extend(std::vector<bool>& left, std::vector<std::size_t>& order, const std::vector<bool>& explained,
              const Relation& before) const {
    if (std::find(left.begin(), left.end(), true) == left.end()) return true;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!left[i]) continue;
      bool next = true;
      for (std::size_t j = 0; j < left.size(); ++j) next = next && (!left[j] || j == i || !before[j][i]);
      if (!next || (explained[i] && reads(i) && last_write(order, i) != from_[i])) continue;
      left[i] = false;
      order.push_back(i);
      const bool found = extend(left, order, explained, before);
      order.pop_back();
      left[i] = true;
      if (found) return true;
    }
    return false;
  }
  std::size_t last_write(const std::vector<std::size_t>& order, std::size_t read) const {
    for (std::size_t i = order.size(); i-- > 0;)
      if (!reads(order[i]) && all_[order[i]]->key == all_[read]->key) return order[i];
    return kInitially;
  }

  bool each_process_explained(bool) const {
    for (std::uint32_t process = 0; process < history_.processes.size(); ++process) {
      std::vector<bool> members(all_.size());
      for (std::size_t i = 0; i < all_.size(); ++i) members[i] = !reads(i) || all_[i]->process == process;
      if (!ordered(members, everyone(), session())) return false;
    }
    return true;
  }

  // Bouajjani et al., definitions 3 and 6: the causal past of each operation can be ordered so that its answer (and
  // those of its process before it) is explained.
  bool each_operation_explained(bool own_past) const {
    const Relation before = causality();
    if (circular(before)) return false;
    for (std::size_t o = 0; o < all_.size(); ++o) {
      std::vector<bool> members(all_.size()), explained(all_.size());
      for (std::size_t i = 0; i < all_.size(); ++i) {
        members[i] = i == o || before[i][o];
        explained[i] = i == o || (own_past && in_session(i, o));
      }
      if (!ordered(members, explained, before)) return false;
    }
    return true;
  }

  // Definition 4: one order of all writes, which each read's causal past obeys.
  bool writes_arbitrated() const {
    const Relation before = causality();
    if (circular(before)) return false;
    std::vector<std::size_t> writes;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (!reads(i)) writes.push_back(i);
    do {
      if (arbitrates(writes, before)) return true;
    } while (std::next_permutation(writes.begin(), writes.end()));
    return false;
  }
  bool arbitrates(const std::vector<std::size_t>& writes, const Relation& before) const {
    for (std::size_t i = 0; i < writes.size(); ++i)
      for (std::size_t j = i + 1; j < writes.size(); ++j)
        if (before[writes[j]][writes[i]]) return false;
    for (std::size_t r = 0; r < all_.size(); ++r) {
      if (!reads(r)) continue;
      std::size_t last = kInitially;
      for (const std::size_t w : writes)
        if (before[w][r] && all_[w]->key == all_[r]->key) last = w;
      if (last != from_[r]) return false;
    }
    return true;
  }

  const History& history_;
  std::vector<const Operation*> everything_;
  weak::Level level_ = weak::Level::sequential;
  std::vector<const Operation*> all_;  // that take effect
  std::vector<std::size_t> from_;      // by operation: the write that a read saw
};

}  // namespace fracas::checker::tests
