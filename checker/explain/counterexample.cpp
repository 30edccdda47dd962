#include "checker/explain/counterexample.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checker/explain/classify.h"
#include "checker/explain/dead_ends.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/list_violation.h"
#include "checker/explain/minimize.h"
#include "checker/explain/minimize_lists.h"
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
  Problem problem;  // of these operations alone; registers only
};

// From each state that a call observes, and from one that none does.
void start_anywhere(Problem& problem) {
  std::set<State> starts{kInitial};
  for (Call& call : problem.calls) {
    if (!call.required) call.return_ns = kNever;
    if (observed(call) != kElsewhere) starts.insert(observed(call));
  }
  problem.starts.assign(starts.begin(), starts.end());
  problem.starts.push_back(problem.states++);
}

// What each state of a register is called: its value, as the operations spell it.
std::vector<std::string> state_names(const History& history, const Problem& problem, std::optional<Value> initial) {
  std::vector<std::string> names(problem.states, "another value");
  if (initial) names[kInitial] = describe_value(history, *initial);
  const auto put = [&](State state, Value value) { names[state] = describe_value(history, value); };
  for (const Call& call : problem.calls) {
    const Operation& operation = history.operations[call.operation];
    if (operation.function == Function::read) put(call.first, operation.result);
    if (operation.function == Function::write) put(call.first, operation.argument);
    if (operation.function != Function::cas) continue;
    const auto pair = history.values.elements_of(operation.argument);
    put(call.first, pair[0]);
    put(call.second, pair[1]);
  }
  return names;
}

std::vector<DeadEnd> dead_ends_of(const History& history, const Few& few, std::optional<Value> initial) {
  const auto names = state_names(history, few.problem, initial);
  StuckProblem stuck{&few.problem, {}, [&](State, std::span<const std::uint32_t>, State now) { return names[now]; }};
  for (std::size_t i = 0; i < few.problem.calls.size(); ++i) stuck.shown.push_back(i);
  return find_dead_ends(stuck);
}

Few few_of_register(const History& history, std::span<const std::uint32_t> key, Finding finding,
                    const RegisterRules& rules) {
  const auto problem = compile_register(history, key, rules);
  ensure(problem.has_value(), "a key that was decided compiles");
  const std::set<std::uint32_t> evidence(finding.evidence.begin(), finding.evidence.end());
  finding.evidence.clear();
  for (std::uint32_t i = 0; i < problem->calls.size(); ++i)
    if (evidence.contains(problem->calls[i].operation)) finding.evidence.push_back(i);
  const Minimal minimal = minimize(*problem, finding);
  Few few{{}, minimal.any_start, {}};
  few.problem.states = problem->states;
  for (const std::uint32_t call : minimal.calls) {
    few.operations.push_back(problem->calls[call].operation);
    few.problem.calls.push_back(problem->calls[call]);
    if (minimal.any_start && problem->calls[call].invoke_ns <= minimal.from_ns)
      few.problem.calls.back().required = false;
  }
  if (minimal.any_start) start_anywhere(few.problem);
  return few;
}

Few few_of_lists(const History& history, std::span<const std::uint32_t> key, const Finding& finding) {
  return {finding.evidence.empty() ? minimize_lists(history, key) : finding.evidence, false, {}};
}

void place(Counterexample& example, std::int64_t start_ns, std::span<const model::FaultWindow> faults) {
  FaultContext context = place_among_faults(faults, start_ns, example.moment_ns);
  example.fault_windows = std::move(context.ids);
  example.fault_sentence = std::move(context.sentence);
  for (const model::FaultWindow& fault : faults)
    if (fault.start_ns <= example.moment_ns && fault.end_ns >= start_ns)
      example.faults.push_back({fault.id, fault.kind + (fault.description.empty() ? "" : " ") + fault.description,
                                fault.start_ns, fault.end_ns});
  std::stable_sort(example.faults.begin(), example.faults.end(),
                   [](const ShownFault& a, const ShownFault& b) { return a.start_ns < b.start_ns; });
}

}  // namespace

Counterexample exhibit(const History& history, const std::vector<const Operation*>& operations, std::string sentence,
                       std::span<const model::FaultWindow> faults) {
  Counterexample example;
  example.sentence = std::move(sentence);
  example.run_start_ns = history.start_ns;
  example.timed = history.timed;
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
  const bool whole = shown.size() <= kShownMax;
  if (!whole) shown.erase(shown.begin(), shown.end() - kShownMax);
  Counterexample example = exhibit(history, shown, std::move(sentence), faults);
  if (whole && !rules.list) example.dead_ends = dead_ends_of(history, few, rules.reg.initial);
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
