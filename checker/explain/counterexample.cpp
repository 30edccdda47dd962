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

// Indexes into operations.all, by invocation.
struct Few {
  std::vector<std::uint32_t> operations;
  bool any_start = false;
};

Few few_of_register(const PairedOperations& operations, const std::vector<std::uint32_t>& key, Finding finding,
                    Model model) {
  const auto problem = compile_register(operations, key, model);
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

Few few_of_lists(const PairedOperations& operations, const std::vector<std::uint32_t>& key, const Finding& finding) {
  Few few{finding.evidence, false};
  if (!few.operations.empty()) return few;
  for (const std::uint32_t index : key)
    if (operations.all[index].invoke_ns <= finding.failed_at_ns) few.operations.push_back(index);
  return few;
}

void place(Counterexample& example, std::int64_t start_ns, std::span<const model::FaultWindow> faults) {
  FaultContext context = place_among_faults(faults, start_ns, example.moment_ns);
  example.fault_windows = std::move(context.ids);
  example.fault_sentence = std::move(context.sentence);
}

}  // namespace

Counterexample explain_key(const PairedOperations& operations, const std::vector<std::uint32_t>& key,
                           const Finding& finding, Model model, std::span<const model::FaultWindow> faults) {
  Counterexample example;
  example.key = operations.keys[operations.all[key.front()].key];
  example.run_start_ns = operations.events.front().time_ns;
  Few few = model == Model::list_append ? few_of_lists(operations, key, finding)
                                        : few_of_register(operations, key, finding, model);
  std::sort(few.operations.begin(), few.operations.end());
  for (const std::uint32_t index : few.operations)
    example.operations.push_back(show(operations, operations.all[index]));
  example.sentence = model == Model::list_append ? classify_lists(operations, key, finding)
                                                 : classify_register(example.key, example.operations, few.any_start);
  if (example.operations.size() > kShownMax)
    example.operations.erase(example.operations.begin(), example.operations.end() - kShownMax);
  std::int64_t start = kNever;
  for (const ShownOperation& operation : example.operations) {
    start = std::min(start, operation.invoke_ns);
    if (operation.return_ns != kNever) example.moment_ns = std::max(example.moment_ns, operation.return_ns);
  }
  if (const ShownOperation* last = last_observer(example.operations)) example.moment_ns = last->return_ns;
  place(example, start, faults);
  return example;
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
