#include "checker/weak/convergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "checker/explain/conclude.h"
#include "checker/explain/counterexample.h"
#include "checker/explain/text.h"
#include "checker/history/partition.h"
#include "checker/linearizability/key.h"
#include "checker/models/problem.h"
#include "checker/weak/memory.h"
#include "checker/weak/seconds.h"

namespace fracas::checker::weak {
namespace {

constexpr std::size_t kShownMax = 40;  // operations; of more, only the last are shown

struct Times {
  std::int64_t healed_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t settle_ns = 0;
};

Result<Times> times_of(const History& history, const Request& request) {
  Times times;
  const auto heal = seconds_parameter(request, "heal");
  const auto settle = seconds_parameter(request, "settle");
  if (!heal) return failure(heal.error());
  if (!settle) return failure(settle.error());
  if ((*heal || *settle) && !history.timed) return failure("heal and settle: this history has no times");
  times.settle_ns = settle->value_or(0);
  for (const model::FaultWindow& fault : request.faults) times.healed_ns = std::max(times.healed_ns, fault.end_ns);
  if (*heal) times.healed_ns = history.start_ns + **heal;
  return times;
}

// One key.
struct Final {
  std::vector<std::uint32_t> reads;         // that must agree
  std::vector<std::uint32_t> late;          // writes of unknown outcome
  std::vector<std::uint32_t> acknowledged;  // writes
};

class Convergence {
 public:
  Convergence(const History& history, const Request& request, std::optional<Value> initial, const Times& times)
      : history_(history), request_(request), initial_(initial), times_(times) {}

  Result<CheckResult> run() {
    const Partition keys = Partition::by_key(history_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto draft = draft_of(history_, keys[i], initial_);
      if (!draft) return failure(draft.error());
      judge(*draft, history_.operations[keys[i].front()].key);
    }
    result_.kind = request_.level;
    result_.numbers = {{"operations", static_cast<double>(history_.operations.size())},
                       {"keys", static_cast<double>(keys.size())},
                       {"final_reads", static_cast<double>(reads_)},
                       {"keys_diverged", static_cast<double>(diverged_)}};
    if (result_.verdict == Verdict::pass)
      result_.summary = fmt::format("all {} final reads of {} keys agree", reads_, keys.size());
    return std::move(result_);
  }

 private:
  Final final_of(const Draft& draft) const {
    Final all;
    std::int64_t settled = times_.healed_ns;
    for (const Access& access : draft.all) {
      if (!access.write) continue;
      (access.optional ? all.late : all.acknowledged).push_back(access.operation);
      const Operation& write = history_.operations[access.operation];
      settled = std::max(settled, access.optional ? write.invoke_ns : write.return_ns);
    }
    const bool any = settled != std::numeric_limits<std::int64_t>::min();
    for (const Access& access : draft.all)
      if (!access.write && (!any || history_.operations[access.operation].invoke_ns > settled + times_.settle_ns))
        all.reads.push_back(access.operation);
    return all;
  }

  void judge(const Draft& draft, Value key) {
    const Final all = final_of(draft);
    reads_ += all.reads.size();
    const std::string name = describe_key(history_, key);
    if (draft.phantom != kNone)
      return refuse(name + "a read saw a value that nobody wrote", {draft.all[draft.phantom].operation});
    if (all.reads.empty()) {
      if (!all.acknowledged.empty() && result_.verdict == Verdict::pass) {
        result_.verdict = Verdict::undecided;
        result_.summary = fmt::format("undecided: {}nobody read it after the last write and the last fault", name);
      }
      return;
    }
    for (const std::uint32_t read : all.reads)
      if (!all.acknowledged.empty() && initial_ && history_.operations[read].result == *initial_ && !rewritten(all))
        return refuse(name + "a final read sees the initial value, though a write was acknowledged",
                      {all.acknowledged.back(), read});
    compare(all, name);
  }

  // Did some write put the initial value back?
  bool rewritten(const Final& all) const {
    const auto puts_it_back = [&](std::uint32_t write) { return history_.operations[write].argument == *initial_; };
    return std::any_of(all.acknowledged.begin(), all.acknowledged.end(), puts_it_back) ||
           std::any_of(all.late.begin(), all.late.end(), puts_it_back);
  }

  // The final reads alone, from any one value, with only the late writes to change it.
  void compare(const Final& all, const std::string& name) {
    std::set<Value> seen;
    for (const std::uint32_t read : all.reads) seen.insert(history_.operations[read].result);
    if (seen.size() == 1) return;
    std::vector<std::uint32_t> operations = all.reads;
    for (const std::uint32_t write : all.late)
      if (seen.contains(history_.operations[write].argument)) operations.push_back(write);
    std::sort(operations.begin(), operations.end());
    for (const Value first : seen) {
      const auto problem = compile_register(history_, operations, {.initial = first});
      if (problem && decide_register(*problem, request_.budget).linearizable == Linearizable::yes) return;
    }
    ++diverged_;
    const auto other = std::find_if(all.reads.begin(), all.reads.end(), [&](std::uint32_t read) {
      return !(history_.operations[read].result == history_.operations[all.reads.front()].result);
    });
    refuse(fmt::format("{}after the last write and the last fault, reads still see {} and {}", name,
                       describe_value(history_, history_.operations[all.reads.front()].result),
                       describe_value(history_, history_.operations[*other].result)),
           operations.size() > all.reads.size() ? operations : std::vector{all.reads.front(), *other});
  }

  void refuse(std::string sentence, std::vector<std::uint32_t> operations) {
    if (result_.verdict == Verdict::violated) return;
    result_.verdict = Verdict::violated;
    if (operations.size() > kShownMax) operations.erase(operations.begin(), operations.end() - kShownMax);
    std::vector<const Operation*> shown;
    for (const std::uint32_t index : operations) shown.push_back(&history_.operations[index]);
    add_proof(result_, exhibit(history_, shown, std::move(sentence), request_.faults));
  }

  const History& history_;
  const Request& request_;
  std::optional<Value> initial_;
  Times times_;
  std::size_t reads_ = 0, diverged_ = 0;
  CheckResult result_;
};

}  // namespace

Result<CheckResult> check_convergence(const History& history, const Request& request, std::optional<Value> initial) {
  const auto times = times_of(history, request);
  if (!times) return failure(times.error());
  return Convergence(history, request, initial, *times).run();
}

}  // namespace fracas::checker::weak
