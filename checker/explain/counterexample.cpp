#include "checker/explain/counterexample.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checker/explain/classify.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/list_violation.h"
#include "checker/explain/minimize.h"
#include "checker/explain/text.h"
#include "checker/models/problem.h"
#include "lib/base/ensure.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kShownMax = 40;  // operations; of more, only the last are shown

// Indexes into History::operations, by invocation.
struct Few {
  std::vector<std::uint32_t> operations;
  bool any_start = false;
};

Few few_of_register(const History& history, std::span<const std::uint32_t> key, Finding finding,
                    const RegisterRules& rules) {
  const auto problem = compile_register(history, key, rules);
  ensure(problem.has_value(), "a key that was decided compiles");
  const std::set<std::uint32_t> evidence(finding.evidence.begin(), finding.evidence.end());
  finding.evidence.clear();
  for (std::uint32_t i = 0; i < problem->calls.size(); ++i)
    if (evidence.contains(problem->calls[i].operation)) finding.evidence.push_back(i);
  const Minimal minimal = minimize(*problem, finding);
  Few few{{}, minimal.any_start};
  for (const std::uint32_t call : minimal.calls) few.operations.push_back(problem->calls[call].operation);
  return few;
}

Few few_of_lists(const History& history, std::span<const std::uint32_t> key, const Finding& finding) {
  Few few{finding.evidence, false};
  if (!few.operations.empty()) return few;
  for (const std::uint32_t index : key)
    if (history.operations[index].invoke_ns <= finding.failed_at_ns) few.operations.push_back(index);
  return few;
}

void place(Counterexample& example, std::int64_t start_ns, std::span<const model::FaultWindow> faults) {
  FaultContext context = place_among_faults(faults, start_ns, example.moment_ns);
  example.fault_windows = std::move(context.ids);
  example.fault_sentence = std::move(context.sentence);
}

}  // namespace

Counterexample exhibit(const History& history, const std::vector<const Operation*>& operations, std::string sentence,
                       std::span<const model::FaultWindow> faults) {
  Counterexample example;
  example.sentence = std::move(sentence);
  example.run_start_ns = history.start_ns;
  if (!operations.empty()) example.key = key_text(history, operations.front()->key);
  std::int64_t start = kNever;
  for (const Operation* operation : operations) {
    example.operations.push_back(show(history, *operation));
    start = std::min(start, operation->invoke_ns);
    if (operation->return_ns != kNever) example.moment_ns = std::max(example.moment_ns, operation->return_ns);
  }
  if (const Operation* last = last_observer(operations)) example.moment_ns = last->return_ns;
  place(example, start, faults);
  return example;
}

Counterexample explain_key(const History& history, std::span<const std::uint32_t> key, const KeyRules& rules,
                           const Finding& finding, std::span<const model::FaultWindow> faults) {
  Few few = rules.list ? few_of_lists(history, key, finding) : few_of_register(history, key, finding, rules.reg);
  std::sort(few.operations.begin(), few.operations.end());
  std::vector<const Operation*> shown;
  for (const std::uint32_t index : few.operations) shown.push_back(&history.operations[index]);
  std::string sentence =
      rules.list ? classify_lists(history, key, finding) : classify_register(history, shown, few.any_start);
  if (shown.size() > kShownMax) shown.erase(shown.begin(), shown.end() - kShownMax);
  return exhibit(history, shown, std::move(sentence), faults);
}

Counterexample explain_raft(const RaftViolation& violation, std::int64_t run_start_ns,
                            std::span<const model::FaultWindow> faults) {
  Counterexample example;
  example.sentence = fmt::format("{}: {}", name(violation.invariant), violation.sentence);
  example.events = violation.events;
  std::stable_sort(example.events.begin(), example.events.end(),
                   [](auto& a, auto& b) { return a.time_ns < b.time_ns; });
  example.run_start_ns = run_start_ns;
  example.moment_ns = violation.time_ns;
  place(example, example.events.front().time_ns, faults);
  return example;
}

}  // namespace fracas::checker
