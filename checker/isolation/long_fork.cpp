#include "checker/isolation/long_fork.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "checker/explain/conclude.h"
#include "checker/explain/counterexample.h"
#include "checker/explain/text.h"

namespace fracas::checker::isolation {
namespace {

using Pairs = std::vector<std::pair<Value, Value>>;  // keys and values, by key

struct GroupRead {
  std::uint32_t operation = 0;
  std::vector<Value> values;  // in the order of the group's keys
  std::size_t seen = 0;       // how many are not nil
};

class Forks {
 public:
  explicit Forks(const History& history) : history_(history) {}

  Result<void> add(std::uint32_t index) {
    const Operation& operation = history_.operations[index];
    const bool ok = operation.outcome == Outcome::ok;
    const Value steps = ok && !operation.result.is_nil() ? operation.result : operation.argument;
    Pairs reads;
    if (!steps.is(Value::Kind::list)) return not_steps(operation);
    for (const Value step : history_.values.elements_of(steps)) {
      const auto parts = step.is(Value::Kind::list) ? history_.values.elements_of(step) : std::span<const Value>{};
      if (parts.size() != 3 || !parts[0].is(Value::Kind::text)) return not_steps(operation);
      const std::string_view name = history_.values.text_of(parts[0]);
      if (name == "r" || name == "read")
        reads.emplace_back(parts[1], parts[2]);
      else if (name == "w" || name == "write")
        write(parts[1], parts[2], operation);
      else
        return not_steps(operation);
    }
    if (ok && reads.size() > 1) group(index, std::move(reads));
    return {};
  }

  CheckResult judge(const Request& request) {
    CheckResult result;
    result.kind = "long-fork";
    double reads = 0;
    for (auto& [keys, all] : groups_) {
      reads += static_cast<double>(all.size());
      if (const auto fork = fork_in(all); fork && result.verdict == Verdict::pass) prove(result, *fork, request);
    }
    result.numbers = {{"reads", reads}, {"groups", static_cast<double>(groups_.size())}};
    if (result.verdict == Verdict::violated) return result;
    result.summary = fmt::format("{} reads of {} groups of keys have no long fork", reads, groups_.size());
    if (!rewritten_ && reads > 0) return result;
    result.verdict = Verdict::undecided;
    result.summary = reads == 0
                         ? "undecided: nobody read several keys at once"
                         : fmt::format("undecided: key {} was written more than once", key_text(history_, *rewritten_));
    return result;
  }

 private:
  using Fork = std::pair<std::uint32_t, std::uint32_t>;

  Result<void> not_steps(const Operation& operation) const {
    return failure(fmt::format("event {}: a transaction is a list of [\"r\" key value] and [\"w\" key value]",
                               operation.invoke + 1));
  }

  void write(Value key, Value, const Operation& operation) {
    if (operation.outcome != Outcome::fail && !written_.insert(key).second && !rewritten_) rewritten_ = key;
  }

  void group(std::uint32_t index, Pairs reads) {
    std::sort(reads.begin(), reads.end());
    std::vector<Value> keys;
    GroupRead read{index, {}, 0};
    for (const auto& [key, value] : reads) {
      keys.push_back(key);
      read.values.push_back(value);
      if (!value.is_nil()) ++read.seen;
    }
    groups_[keys].push_back(std::move(read));
  }

  // By how many they saw, each must have all that the one before it has.
  static std::optional<Fork> fork_in(std::vector<GroupRead>& all) {
    std::stable_sort(all.begin(), all.end(), [](const GroupRead& a, const GroupRead& b) { return a.seen < b.seen; });
    for (std::size_t i = 1; i < all.size(); ++i)
      for (std::size_t k = 0; k < all[i].values.size(); ++k)
        if (!all[i - 1].values[k].is_nil() && !(all[i - 1].values[k] == all[i].values[k]))
          return Fork{all[i - 1].operation, all[i].operation};
    return std::nullopt;
  }

  void prove(CheckResult& result, const Fork& fork, const Request& request) const {
    result.verdict = Verdict::violated;
    const auto [first, second] = std::minmax(fork.first, fork.second);
    const std::vector<const Operation*> shown{&history_.operations[first], &history_.operations[second]};
    Counterexample example = exhibit(history_, shown, "two reads each lack a write that the other saw", request.faults);
    for (std::size_t i = 0; i < shown.size(); ++i) {
      example.operations[i].argument = history_.describe(shown[i]->result);
      example.operations[i].result.clear();
    }
    add_proof(result, std::move(example));
  }

  const History& history_;
  std::set<Value> written_;
  std::optional<Value> rewritten_;
  std::map<std::vector<Value>, std::vector<GroupRead>> groups_;  // by the keys that were read
};

Result<CheckResult> check_long_fork(const History& history, const Request& request) {
  Forks forks(history);
  for (std::uint32_t i = 0; i < history.operations.size(); ++i)
    if (auto added = forks.add(i); !added) return failure(std::move(added).error());
  return forks.judge(request);
}

}  // namespace

const ModelKind kLongFork{"long-fork",
                          "keys written once, several read at once: txn, read, write of [r key value], [w key value]",
                          {"prefix"},
                          {},
                          check_long_fork};

}  // namespace fracas::checker::isolation
