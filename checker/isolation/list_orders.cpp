#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checker/isolation/dependencies.h"

namespace fracas::checker::isolation {
namespace {

std::span<const Value> list_of(const Transactions& transactions, Value value) {
  return value.is_nil() ? std::span<const Value>{} : transactions.history->values.elements_of(value);
}

}  // namespace

// The reads of one key that returned the same list.
struct ListOrders::Group {
  Value list;
  std::span<const Value> elements;
  std::span<const std::uint32_t> reads;  // micro-operations
  bool compatible = true;                // a prefix of the longest
};

class ListOrders::KeyPass {
 public:
  KeyPass(const Transactions& transactions, const WriteIndex& writes, Graph& graph, Sightings& sightings)
      : transactions_(transactions),
        writes_(writes),
        graph_(graph),
        sightings_(sightings),
        seen_(transactions.micros.size(), false) {}

  // The longest list, for explanations.
  Value run(std::uint32_t key, std::span<std::uint32_t> reads) {
    key_ = key;
    group(reads);
    if (groups_.empty()) return {};
    place_elements();
    chain_writers();
    for (const Group& group : groups_) group.compatible ? connect(group) : connect_incompatible(group);
    connect_unseen();
    for (const Group& group : groups_) find_lost_update(group);
    return groups_.back().list;
  }

  // After all keys.
  void finish() {
    for (Unseen& unseen : undecided_) {
      std::erase_if(unseen.writers, [&](std::uint32_t transaction) { return !happened(transaction); });
      connect(std::move(unseen));
    }
  }

 private:
  // Transactions that appended what the longest read of a key lacks.
  struct Unseen {
    std::vector<std::uint32_t> readers;  // of the longest list
    std::uint32_t last_writer = kNone;   // in it
    std::vector<std::uint32_t> writers;
  };

  // Did anybody read an append of this transaction?
  bool happened(std::uint32_t transaction) const {
    const Transaction& t = transactions_.all[transaction];
    return std::any_of(seen_.begin() + t.first, seen_.begin() + t.end, [](bool seen) { return seen; });
  }

  struct Slot {
    std::uint32_t write = kNone;        // micro-operation; kNone: nobody appended it
    std::uint32_t transaction = kNone;  // its transaction, unless that failed
  };

  bool failed(std::uint32_t write) const {
    return transactions_.all[transactions_.micros[write].transaction].outcome == Outcome::fail;
  }
  std::string describe(Value value) const { return transactions_.history->describe(value); }
  std::string key_name() const { return transactions_.key_name(key_); }

  void group(std::span<std::uint32_t> reads) {
    groups_.clear();
    const auto& micros = transactions_.micros;
    const auto size = [&](std::uint32_t read) { return list_of(transactions_, micros[read].value).size(); };
    std::sort(reads.begin(), reads.end(), [&](std::uint32_t a, std::uint32_t b) {
      if (micros[a].value == micros[b].value) return a < b;
      const std::size_t left = size(a), right = size(b);
      return left != right ? left < right : micros[a].value < micros[b].value;
    });
    for (std::size_t first = 0; first < reads.size();) {
      std::size_t end = first + 1;
      while (end < reads.size() && micros[reads[end]].value == micros[reads[first]].value) ++end;
      const Value list = micros[reads[first]].value;
      groups_.push_back({list, list_of(transactions_, list), reads.subspan(first, end - first)});
      first = end;
    }
    if (groups_.empty()) return;
    const Group& longest = groups_.back();
    for (Group& group : groups_) {
      group.compatible = std::equal(group.elements.begin(), group.elements.end(), longest.elements.begin());
      if (!group.compatible) see_incompatible(group, longest);
    }
  }

  void see_incompatible(const Group& group, const Group& longest) {
    sightings_.add(AnomalyKind::incompatible_order, [&] {
      return Sighting{AnomalyKind::incompatible_order,
                      fmt::format("T1 read {0} = {1} and T2 read {0} = {2}: neither continues the other", key_name(),
                                  describe(group.list), describe(longest.list)),
                      {reader(group), reader(longest)}};
    });
  }

  std::uint32_t reader(const Group& group) const { return transactions_.micros[group.reads.front()].transaction; }

  void place_elements() {
    slots_.clear();
    for (const Value element : groups_.back().elements) slots_.push_back(place(element, groups_.back()));
    for (const Group& group : groups_)
      if (!group.compatible)
        for (const Value element : group.elements)
          if (const std::uint32_t write = writes_.find(key_, element); write != kNone) seen_[write] = true;
  }

  Slot place(Value element, const Group& group) {
    const std::uint32_t write = writes_.find(key_, element);
    if (write == kNone) {
      see_garbage(element, group);
      return {};
    }
    if (seen_[write]) {
      sightings_.add(AnomalyKind::duplicate_elements, [&] {
        return Sighting{
            AnomalyKind::duplicate_elements,
            fmt::format("T1 read {} = {}, which holds {} twice", key_name(), describe(group.list), describe(element)),
            {reader(group)}};
      });
      return {};
    }
    seen_[write] = true;
    return {write, failed(write) ? kNone : transactions_.micros[write].transaction};
  }

  void see_garbage(Value element, const Group& group) {
    sightings_.add(AnomalyKind::garbage_read, [&] {
      return Sighting{
          AnomalyKind::garbage_read,
          fmt::format("T1 read {} = {}, but nobody appended {}", key_name(), describe(group.list), describe(element)),
          {reader(group)}};
    });
  }

  // before_[i] and after_[i]: the nearest slot with a transaction below i, and from i on.
  void chain_writers() {
    before_.assign(slots_.size() + 1, kNone);
    after_.assign(slots_.size() + 1, kNone);
    std::uint32_t aborted = kNone;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const Slot& slot = slots_[i];
      before_[i + 1] = before_[i];
      if (slot.transaction == kNone) {
        if (slot.write != kNone) aborted = slot.write;
        continue;
      }
      if (before_[i] != kNone) graph_.add(slots_[before_[i]].transaction, slot.transaction, Dependency::ww);
      if (aborted != kNone) see_dirty_update(aborted, slot);
      aborted = kNone;
      before_[i + 1] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t i = slots_.size(); i-- > 0;)
      after_[i] = slots_[i].transaction != kNone ? static_cast<std::uint32_t>(i) : after_[i + 1];
  }

  void see_dirty_update(std::uint32_t aborted, const Slot& slot) {
    sightings_.add(AnomalyKind::dirty_update, [&] {
      const Micro& write = transactions_.micros[aborted];
      return Sighting{
          AnomalyKind::dirty_update,
          fmt::format("T1 failed, yet the {} it appended to {} comes before the {} of T2: {}", describe(write.value),
                      key_name(), describe(transactions_.micros[slot.write].value), describe(groups_.back().list)),
          {write.transaction, slot.transaction}};
    });
  }

  void connect(const Group& group) {
    const std::size_t size = group.elements.size();
    const Slot* last = size == 0 ? nullptr : &slots_[size - 1];
    for (const std::uint32_t read : group.reads) {
      const Micro& micro = transactions_.micros[read];
      judge_last(group, last == nullptr ? kNone : last->write, read);
      if (!micro.external) continue;
      if (before_[size] != kNone) graph_.add(slots_[before_[size]].transaction, micro.transaction, Dependency::wr);
      if (after_[size] == kNone) {
        last_readers_.push_back(micro.transaction);
        continue;
      }
      const std::uint32_t next = slots_[after_[size]].transaction;
      graph_.add(micro.transaction, next, Dependency::rw);
      if (next != micro.transaction) find_cursor_lost(group, micro.transaction, slots_[after_[size]].write);
    }
    for (std::size_t i = 0; i < size; ++i)
      if (slots_[i].write != kNone && slots_[i].transaction == kNone) return see_aborted_reads(group, slots_[i].write);
  }

  void connect_incompatible(const Group& group) {
    const std::uint32_t write = writes_.find(key_, group.elements.back());
    for (const std::uint32_t read : group.reads) {
      judge_last(group, write, read);
      const Micro& micro = transactions_.micros[read];
      if (micro.external && write != kNone && !failed(write))
        graph_.add(transactions_.micros[write].transaction, micro.transaction, Dependency::wr);
    }
    for (const Value element : group.elements) {
      const std::uint32_t from = writes_.find(key_, element);
      if (from == kNone) return see_garbage(element, group);
      if (failed(from)) return see_aborted_reads(group, from);
    }
  }

  void see_aborted_reads(const Group& group, std::uint32_t write) {
    for (const std::uint32_t read : group.reads)
      sightings_.add(AnomalyKind::g1a, [&] {
        return Sighting{AnomalyKind::g1a,
                        fmt::format("T2 read {} = {}, but T1, which appended {}, failed", key_name(),
                                    describe(group.list), describe(transactions_.micros[write].value)),
                        {transactions_.micros[write].transaction, transactions_.micros[read].transaction}};
      });
  }

  // The last element must be the last that its transaction appended, and no later one of the reader's own.
  void judge_last(const Group& group, std::uint32_t write, std::uint32_t read) {
    if (write == kNone) return;
    const Micro& from = transactions_.micros[write];
    const std::uint32_t to = transactions_.micros[read].transaction;
    if (from.transaction == to) {
      if (write < read) return;
      sightings_.add(AnomalyKind::future_read, [&] {
        return Sighting{AnomalyKind::future_read,
                        fmt::format("T1 read {} = {} before it appended that {} itself", key_name(),
                                    describe(group.list), describe(from.value)),
                        {to}};
      });
    } else if (!from.external) {
      sightings_.add(AnomalyKind::g1b, [&] {
        return Sighting{AnomalyKind::g1b,
                        fmt::format("T2 read {} = {}, in the middle of T1: it appended more after {}", key_name(),
                                    describe(group.list), describe(from.value)),
                        {from.transaction, to}};
      });
    }
  }

  // Acknowledged appends that the longest read lacks come after it. So do those of transactions without an answer, if
  // another key shows that they happened: that is known only after all keys.
  void connect_unseen() {
    Unseen unseen{last_readers_, before_.back() == kNone ? kNone : slots_[before_.back()].transaction, {}};
    std::vector<std::uint32_t> acknowledged;
    for (const std::uint32_t write : writes_.of(key_)) {
      const std::uint32_t transaction = transactions_.micros[write].transaction;
      const Outcome outcome = transactions_.all[transaction].outcome;
      if (seen_[write] || outcome == Outcome::fail) continue;
      (outcome == Outcome::ok ? acknowledged : unseen.writers).push_back(transaction);
    }
    if (!unseen.writers.empty()) undecided_.push_back(unseen);
    unseen.writers = std::move(acknowledged);
    connect(std::move(unseen));
    last_readers_.clear();
  }

  void connect(Unseen unseen) {
    auto& writers = unseen.writers;
    std::sort(writers.begin(), writers.end());
    writers.erase(std::unique(writers.begin(), writers.end()), writers.end());
    graph_.connect_all(unseen.readers, writers, Dependency::rw);
    if (unseen.last_writer == kNone) return;
    for (const std::uint32_t transaction : writers) graph_.add(unseen.last_writer, transaction, Dependency::ww);
  }

  // The reader's own append should be the next.
  void find_cursor_lost(const Group& group, std::uint32_t reader, std::uint32_t next) {
    for (const Micro& micro : transactions_.of(reader)) {
      if (!micro.write || micro.key != key_) continue;
      sightings_.add(AnomalyKind::g_cursor, [&] {
        const Micro& between = transactions_.micros[next];
        return Sighting{AnomalyKind::g_cursor,
                        fmt::format("T1 read {0} = {1} and appended {2} to it, but T2 appended {3} in between: {4}",
                                    key_name(), describe(group.list), describe(micro.value), describe(between.value),
                                    describe(groups_.back().list)),
                        {reader, between.transaction}};
      });
      return;
    }
  }

  void find_lost_update(const Group& group) {
    std::optional<std::uint32_t> first;
    for (const std::uint32_t read : group.reads) {
      const Micro& micro = transactions_.micros[read];
      if (!micro.external || first == micro.transaction) continue;
      if (group.reads.size() < 2 || !writes_key(transactions_, micro.transaction, key_)) continue;
      if (!first) {
        first = micro.transaction;
        continue;
      }
      sightings_.add(AnomalyKind::lost_update, [&] {
        return Sighting{
            AnomalyKind::lost_update,
            fmt::format("T1 and T2 both read {} = {} and both appended to it", key_name(), describe(group.list)),
            {*first, micro.transaction}};
      });
    }
  }

  const Transactions& transactions_;
  const WriteIndex& writes_;
  Graph& graph_;
  Sightings& sightings_;
  std::vector<bool> seen_;  // by micro-operation: an append that some read returned
  std::uint32_t key_ = 0;
  std::vector<Group> groups_;  // by length
  std::vector<Slot> slots_;    // of the longest list
  std::vector<std::uint32_t> before_, after_;
  std::vector<std::uint32_t> last_readers_;
  std::vector<Unseen> undecided_;
};

ListOrders::ListOrders(const Transactions& transactions, const WriteIndex& writes, const Assumptions&, Graph& graph,
                       Sightings& sightings)
    : transactions_(transactions), longest_(transactions.keys.size()) {
  Groups reads = reads_by_key(transactions);
  KeyPass pass(transactions, writes, graph, sightings);
  for (std::uint32_t key = 0; key < transactions.keys.size(); ++key)
    longest_[key] = pass.run(key, {reads.order.data() + reads.begin[key], reads.order.data() + reads.begin[key + 1]});
  pass.finish();
}

std::size_t ListOrders::position(std::uint32_t key, Value element) const {
  const auto list = list_of(transactions_, longest_[key]);
  return static_cast<std::size_t>(std::find(list.begin(), list.end(), element) - list.begin());
}

std::string ListOrders::explain(const CycleStep& step, std::uint32_t to, const PairNames& names) const {
  const auto describe = [&](Value value) { return transactions_.history->describe(value); };
  std::string best;
  std::size_t best_distance = 0;
  const auto offer = [&](std::size_t distance, const auto& sentence) {
    if (!best.empty() && best_distance <= distance) return;
    best_distance = distance;
    best = sentence();
  };
  for (const Micro& a : transactions_.of(step.transaction))
    for (const Micro& b : transactions_.of(to)) {
      if (a.key != b.key) continue;
      const auto longest = list_of(transactions_, longest_[a.key]);
      const std::string key = transactions_.key_name(a.key);
      if (step.dependency == Dependency::ww && a.write && b.write) {
        const std::size_t first = position(a.key, a.value), second = position(b.key, b.value);
        if (first >= second) continue;
        offer(second - first, [&] {
          if (second == longest.size())
            return fmt::format("{} appended {} to {}, and the {} that {} appended is not in {} yet, the longest read",
                               names.from, describe(a.value), key, describe(b.value), names.to,
                               describe(longest_[a.key]));
          return fmt::format("{} appended {} to {}, and {} appended {} after it: {}", names.from, describe(a.value),
                             key, names.to, describe(b.value), describe(longest_[a.key]));
        });
      }
      if (step.dependency == Dependency::wr && a.write && !b.write && b.known) {
        const auto list = list_of(transactions_, b.value);
        const auto found = std::find(list.begin(), list.end(), a.value);
        if (found == list.end()) continue;
        offer(static_cast<std::size_t>(list.end() - found), [&] {
          return fmt::format("{} read {} = {}, which holds the {} that {} appended", names.to, key, describe(b.value),
                             describe(a.value), names.from);
        });
      }
      if (step.dependency == Dependency::rw && !a.write && a.known && b.write) {
        const auto list = list_of(transactions_, a.value);
        if (std::find(list.begin(), list.end(), b.value) != list.end()) continue;
        offer(position(b.key, b.value), [&] {
          return fmt::format("{} read {} = {}, which lacks the {} that {} appended", names.from, key,
                             list.empty() ? "[]" : describe(a.value), describe(b.value), names.to);
        });
      }
    }
  return best;
}

}  // namespace fracas::checker::isolation
