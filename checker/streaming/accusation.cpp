#include "checker/streaming/accusation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "checker/explain/conclude.h"
#include "checker/explain/counterexample.h"
#include "checker/explain/text.h"
#include "checker/history/partition.h"
#include "checker/linearizability/key.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kShownMax = 12;  // operations around a violation without a proof of its own

Operation operation_of(const StreamedCall& call, const Values& from, History& to) {
  Operation operation;
  operation.invoke_ns = call.invoke_ns;
  operation.return_ns = call.return_ns;
  operation.process = static_cast<std::uint32_t>(to.processes.size());
  to.processes.push_back(call.process);
  const Value first = to.values.adopt(from, call.first);
  operation.outcome = call.required ? Outcome::ok : Outcome::info;
  operation.function = call.kind == CallKind::read    ? Function::read
                       : call.kind == CallKind::write ? Function::write
                                                      : Function::cas;
  if (call.kind == CallKind::read) {
    operation.result = first;
  } else if (call.kind == CallKind::write) {
    operation.argument = operation.result = first;
  } else {
    const std::array pair{first, to.values.adopt(from, call.second)};
    operation.argument = to.values.list(pair);
    if (call.kind == CallKind::mismatch) operation.outcome = Outcome::fail;
  }
  return operation;
}

// The frontier's last calls as a history of their own.
History history_of_stretch(const Frontier& frontier, const Values& values, Value key, std::int64_t start_ns) {
  History history;
  history.start_ns = start_ns;
  std::vector<const StreamedCall*> calls;
  for (const StreamedCall& call : frontier.last_calls()) calls.push_back(&call);
  std::stable_sort(calls.begin(), calls.end(), [](auto* a, auto* b) { return a->invoke_ns < b->invoke_ns; });
  const Value name = history.values.adopt(values, key);
  for (const StreamedCall* call : calls) {
    Operation operation = operation_of(*call, values, history);
    operation.key = name;
    operation.invoke = static_cast<std::uint32_t>(history.operations.size());
    history.end_ns = std::max(history.end_ns, call->invoke_ns);
    history.operations.push_back(operation);
  }
  return history;
}

// The operations that were open last when the refused one returned, itself among them.
Counterexample around(const History& history, std::int64_t failed_ns) {
  std::vector<const Operation*> open;
  for (const Operation& operation : history.operations)
    if (operation.outcome != Outcome::info && operation.invoke_ns <= failed_ns) open.push_back(&operation);
  std::stable_sort(open.begin(), open.end(), [](auto* a, auto* b) { return a->return_ns > b->return_ns; });
  const auto returned_later =
      std::count_if(open.begin(), open.end(), [&](auto* o) { return o->return_ns > failed_ns; });
  open.erase(open.begin(), open.begin() + std::min<std::ptrdiff_t>(returned_later, std::ssize(open) - 1));
  if (open.size() > kShownMax) open.resize(kShownMax);
  std::stable_sort(open.begin(), open.end(), [](auto* a, auto* b) { return a->invoke_ns < b->invoke_ns; });
  return exhibit(history, open,
                 fmt::format("no order of the operations{} explains all answers up to the one at {:.6f} s",
                             describe_key(history, history.operations.front().key),
                             static_cast<double>(failed_ns - history.start_ns) / 1e9),
                 {});
}

}  // namespace

CheckResult accuse(const Frontier& frontier, const Values& values, Value key, bool cas, std::int64_t start_ns) {
  const std::int64_t failed_ns = frontier.last_calls()[frontier.refused()].return_ns;
  History history = history_of_stretch(frontier, values, key, start_ns);
  CheckResult result;
  result.kind = "linearizable";
  result.verdict = Verdict::violated;
  if (const auto held = frontier.held_before()) {
    const KeyRules rules{
        .reg = {.cas = cas, .fail = FailMeans::mismatch, .initial = history.values.adopt(values, *held)}};
    const Partition whole = Partition::whole(history);
    const auto finding = decide_key(history, whole[0], rules, {});
    if (finding && finding->linearizable == Linearizable::no) {
      Counterexample example = explain_key(history, whole[0], rules, *finding, {});
      // Who brought that value about is forgotten: a sentence on these operations alone could blame the wrong one.
      example.sentence = fmt::format("{}it held {} before these operations, and no order of them explains all answers",
                                     describe_key(history, history.operations.front().key),
                                     describe_value(history, *rules.reg.initial));
      add_proof(result, std::move(example));
      return result;
    }
  }
  add_proof(result, around(history, failed_ns));
  return result;
}

}  // namespace fracas::checker
