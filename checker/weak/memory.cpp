#include "checker/weak/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <numeric>

namespace fracas::checker::weak {
namespace {

struct Cell {
  std::uint32_t key = 0;
  Value value;
  bool operator==(const Cell&) const = default;
};
struct HashCell {
  std::size_t operator()(const Cell& cell) const noexcept {
    return std::hash<Value>{}(cell.value) * 0x9E3779B97F4A7C15U + cell.key;
  }
};

// Numbers by first use.
template <typename Name>
class Numbers {
 public:
  std::uint32_t of(const Name& name) {
    return numbers_.try_emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(numbers_.size()); }

 private:
  boost::unordered_flat_map<Name, std::uint32_t, std::hash<Name>> numbers_;
};

// The accesses of a history, and the writes of each value.
class Reading {
 public:
  Reading(const History& history, std::optional<Value> initial) : history_(history), initial_(initial) {}

  Result<void> add(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const bool write = operation.function == Function::write;
    if (!write && operation.function != Function::read)
      return failure(fmt::format("event {}: {} is not a function of this level, which is of reads and writes",
                                 operation.invoke + 1, history_.functions.name(operation.function)));
    if (operation.outcome == Outcome::fail || (!write && operation.outcome == Outcome::info)) return {};
    Access access;
    access.operation = index;
    access.key = keys_.of(operation.key);
    access.process = processes_.of(operation.process);
    access.write = write;
    access.optional = operation.outcome == Outcome::info;
    const auto number = static_cast<std::uint32_t>(draft_.all.size());
    last_.resize(processes_.count(), kNone);
    access.before = last_[access.process];
    if (!access.optional) last_[access.process] = number;
    if (write) written_[{access.key, operation.argument}].push_back(number);
    draft_.all.push_back(access);
    return {};
  }

  Draft finish() && {
    for (std::uint32_t i = 0; i < draft_.all.size(); ++i) {
      draft_.begin.push_back(static_cast<std::uint32_t>(draft_.candidates.size()));
      if (!draft_.all[i].write) find_candidates(i);
    }
    draft_.begin.push_back(static_cast<std::uint32_t>(draft_.candidates.size()));
    draft_.keys = keys_.count();
    draft_.processes = processes_.count();
    return std::move(draft_);
  }

 private:
  const Operation& operation(std::uint32_t access) const { return history_.operations[draft_.all[access].operation]; }

  void find_candidates(std::uint32_t read) {
    const Value value = operation(read).result;
    const std::size_t first = draft_.candidates.size();
    const auto found = written_.find({draft_.all[read].key, value});
    if (found != written_.end())
      draft_.candidates.insert(draft_.candidates.end(), found->second.begin(), found->second.end());
    const std::int64_t end = operation(read).return_ns;
    const auto likelier = [&](std::uint32_t a, std::uint32_t b) {
      const std::int64_t at_a = operation(a).invoke_ns, at_b = operation(b).invoke_ns;
      return (at_a <= end) != (at_b <= end) ? at_a <= end : at_a <= end ? at_a > at_b : at_a < at_b;
    };
    std::stable_sort(draft_.candidates.begin() + static_cast<std::ptrdiff_t>(first), draft_.candidates.end(), likelier);
    if (initial_ && value == *initial_) draft_.candidates.push_back(kNone);
    const std::size_t count = draft_.candidates.size() - first;
    draft_.ambiguous = draft_.ambiguous || count > 1;
    if (count == 0 && draft_.phantom == kNone) draft_.phantom = read;
  }

  const History& history_;
  std::optional<Value> initial_;
  Draft draft_;
  Numbers<Value> keys_;
  Numbers<std::uint32_t> processes_;
  std::vector<std::uint32_t> last_;  // by process: its last access that was answered
  boost::unordered_flat_map<Cell, std::vector<std::uint32_t>, HashCell> written_;
};

}  // namespace

Result<Draft> draft_of(const History& history, std::span<const std::uint32_t> operations,
                       std::optional<Value> initial) {
  Reading reading(history, initial);
  for (const std::uint32_t index : operations)
    if (auto added = reading.add(index); !added) return failure(std::move(added).error());
  return std::move(reading).finish();
}

Memory settle(const Draft& draft, std::span<const std::uint32_t> choice) {
  std::vector<std::uint32_t> from(draft.all.size(), kNone);
  std::vector<bool> counts(draft.all.size());
  for (std::uint32_t i = 0; i < draft.all.size(); ++i) {
    if (!draft.all[i].optional) counts[i] = true;
    if (draft.all[i].write) continue;
    from[i] = draft.candidates_of(i)[choice.empty() ? 0 : choice[i]];
    if (from[i] != kNone) counts[from[i]] = true;
  }
  Memory memory;
  memory.keys = draft.keys;
  memory.processes = draft.processes;
  memory.sessions = draft.processes;
  std::vector<std::uint32_t> number(draft.all.size(), kNone);
  for (std::uint32_t i = 0, next = 0; i < draft.all.size(); ++i)
    if (counts[i]) number[i] = next++;
  std::vector<std::uint32_t> places(draft.processes, 0);
  for (std::uint32_t i = 0; i < draft.all.size(); ++i) {
    if (!counts[i]) continue;
    Access access = draft.all[i];
    access.session = access.optional ? memory.sessions++ : access.process;
    access.place = access.optional ? 1 : ++places[access.process];
    if (access.before != kNone) access.before = number[access.before];
    if (from[i] != kNone) access.from = number[from[i]];
    memory.all.push_back(access);
  }
  return memory;
}

Writers::Writers(const Memory& memory) : memory_(memory), begin_(memory.keys + 1, 0) {
  for (std::uint32_t i = 0; i < memory.all.size(); ++i)
    if (memory.all[i].write) writes_.push_back(i);
  std::stable_sort(writes_.begin(), writes_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const Access &left = memory.all[a], &right = memory.all[b];
    return left.key != right.key ? left.key < right.key : left.session < right.session;
  });
  for (std::uint32_t i = 0; i < writes_.size(); ++i) {
    const Access& write = memory.all[writes_[i]];
    const Access* last = i > 0 ? &memory.all[writes_[i - 1]] : nullptr;
    if (!last || last->key != write.key || last->session != write.session) {
      groups_.push_back({write.session, i, i});
      ++begin_[write.key + 1];
    }
    groups_.back().end = i + 1;
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
}

std::uint32_t Writers::last(const Group& group, std::uint32_t place) const {
  const auto all = writes(group);
  const auto after = std::upper_bound(all.begin(), all.end(), place, [&](std::uint32_t at, std::uint32_t write) {
    return at < memory_.all[write].place;
  });
  return after == all.begin() ? kNone : *(after - 1);
}

}  // namespace fracas::checker::weak
