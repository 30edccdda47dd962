#include "checker/explain/model_violation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checker/explain/counterexample.h"
#include "checker/explain/dead_ends.h"
#include "checker/explain/halving.h"
#include "checker/explain/text.h"
#include "checker/linearizability/model_problem.h"
#include "checker/linearizability/search.h"

namespace fracas::checker {
namespace {

constexpr std::uint64_t kProbeConfigurations = 4'000;  // a probe that needs more counts as "no violation"
constexpr std::uint64_t kEffort = 400'000;             // configurations in all probes together
constexpr std::uint64_t kProbeCost = 100;              // what a probe costs besides its configurations and calls
constexpr std::size_t kShownMax = 40;                  // operations; of more, only the last are shown

class Minimizer {
 public:
  Minimizer(const ModelProblem& compiled, const Finding& finding)
      : problem_(compiled.problem), strict_(problem_.calls.size(), true) {
    const std::set<std::uint32_t> evidence(finding.evidence.begin(), finding.evidence.end());
    if (finding.failed_at_ns != 0) until_ns_ = finding.failed_at_ns;
    if (!evidence.empty()) {
      std::vector<bool> few(strict_.size());
      for (std::size_t i = 0; i < few.size(); ++i) few[i] = evidence.contains(problem_.calls[i].operation);
      if (violated(few)) strict_ = few;
    }
    for (std::size_t i = 0; i < strict_.size(); ++i)
      if (problem_.calls[i].invoke_ns > until_ns_) strict_[i] = false;
  }

  std::vector<std::uint32_t> run() {
    shrink_by_halves(
        strict_calls().size(), [&](std::size_t chunk) { return relax_chunks(chunk); },
        [&] { return effort_ >= kEffort; });
    auto calls = strict_calls();
    for (std::uint32_t& call : calls) call = problem_.calls[call].operation;
    return calls;
  }

 private:
  std::vector<std::uint32_t> strict_calls() const {
    std::vector<std::uint32_t> calls;
    for (std::uint32_t i = 0; i < strict_.size(); ++i)
      if (strict_[i]) calls.push_back(i);
    return calls;
  }

  bool relax_chunks(std::size_t chunk) {
    bool relaxed = false;
    const auto calls = strict_calls();
    for (std::size_t begin = 0; begin < calls.size() && effort_ < kEffort; begin += chunk) {
      auto fewer = strict_;
      for (std::size_t i = begin; i < std::min(begin + chunk, calls.size()); ++i) fewer[calls[i]] = false;
      if (!violated(fewer)) continue;
      strict_ = std::move(fewer);
      relaxed = true;
    }
    return relaxed;
  }

  bool violated(const std::vector<bool>& strict) {
    Problem part;
    part.space = problem_.space;
    for (std::size_t i = 0; i < strict.size(); ++i) {
      Call call = problem_.calls[i];
      if (call.invoke_ns > until_ns_ || (!strict[i] && is_pure(call))) continue;
      if (!strict[i]) ++call.first;  // the same with an unknown answer
      if (!strict[i] || call.return_ns > until_ns_) {
        call.required = false;
        call.return_ns = kNever;
      }
      part.calls.push_back(call);
    }
    const Finding finding = search(part, {.configurations_per_key = kProbeConfigurations});
    effort_ += finding.explored + part.calls.size() + kProbeCost;
    return finding.linearizable == Linearizable::no;
  }

  const Problem& problem_;
  std::vector<bool> strict_;
  std::int64_t until_ns_ = kNever;
  std::uint64_t effort_ = 0;
};

const Operation* last_returned(const std::vector<const Operation*>& operations) {
  const Operation* last = nullptr;
  for (const Operation* operation : operations)
    if (operation->return_ns != kNever && (!last || operation->return_ns > last->return_ns)) last = operation;
  return last;
}

}  // namespace

std::vector<std::uint32_t> minimize_model(const History& history, std::span<const std::uint32_t> group,
                                          const AnyModel& model, const Finding& finding, FailMeans fail) {
  const ModelProblem compiled = compile_model(history, group, model, fail);
  return Minimizer(compiled, finding).run();
}

namespace {

// The calls that are left as they are, and those of the others whose arguments or answers the former mention: these may
// take effect with any answer or not at all, as the minimizer lets them.
LargeVector<Call> calls_to_order(const History& history, const Problem& problem,
                                 const std::set<std::uint32_t>& strict) {
  std::set<Value> mentioned;
  const auto mention = [&](Value value) {
    if (!value.is_nil()) mentioned.insert(value);
    if (value.is(Value::Kind::list))
      for (const Value element : history.values.elements_of(value)) mentioned.insert(element);
  };
  std::int64_t until_ns = 0;
  for (const std::uint32_t index : strict) {
    mention(history.operations[index].argument);
    mention(history.operations[index].result);
    if (history.operations[index].outcome != Outcome::info)
      until_ns = std::max(until_ns, history.operations[index].return_ns);
  }
  LargeVector<Call> calls;
  for (Call call : problem.calls) {
    const Operation& operation = history.operations[call.operation];
    if (!strict.contains(call.operation)) {
      if (is_pure(call) || call.invoke_ns > until_ns || !mentioned.contains(operation.argument)) continue;
      ++call.first;  // the same with an unknown answer
      call.required = false;
      call.return_ns = kNever;
    }
    calls.push_back(call);
  }
  return calls;
}

// The longest orders of the calls, with places in `operations`, which grows by those that they make use of.
std::vector<DeadEnd> order_calls(const Problem& part, std::vector<std::uint32_t>& operations) {
  StuckProblem stuck{
      &part, {}, [&](State, std::span<const std::uint32_t>, State now) { return part.space->describe(now); }};
  for (std::size_t i = 0; i < part.calls.size(); ++i) stuck.shown.push_back(i);
  auto ends = find_dead_ends(stuck);
  std::set<std::uint32_t> all(operations.begin(), operations.end());
  for (const DeadEnd& end : ends)
    for (const auto& step : end.order) all.insert(part.calls[step.operation].operation);
  operations.assign(all.begin(), all.end());
  const auto place = [&](std::size_t call) {
    const auto found = std::lower_bound(operations.begin(), operations.end(), part.calls[call].operation);
    return static_cast<std::size_t>(found - operations.begin());
  };
  for (DeadEnd& end : ends) {
    for (auto& step : end.order) step.operation = place(step.operation);
    for (auto& refusal : end.refusals) refusal.operation = place(refusal.operation);
  }
  return ends;
}

}  // namespace

Counterexample exhibit_model(const History& history, std::span<const std::uint32_t> group,
                             const ModelQuestion& question, std::vector<std::uint32_t> operations,
                             std::string sentence) {
  std::vector<DeadEnd> ends;
  if (operations.size() > kShownMax) {
    operations.erase(operations.begin(), operations.end() - kShownMax);
  } else if (question.model) {
    const ModelProblem compiled = compile_model(history, group, *question.model, question.request.fail);
    Problem part;
    part.space = compiled.problem.space;
    part.calls = calls_to_order(history, compiled.problem, {operations.begin(), operations.end()});
    ends = order_calls(part, operations);
  }
  std::vector<const Operation*> shown;
  for (const std::uint32_t index : operations) shown.push_back(&history.operations[index]);
  Counterexample example = exhibit(history, shown, std::move(sentence), question.request.faults);
  example.dead_ends = std::move(ends);
  return example;
}

Counterexample explain_model(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
                             const Finding& finding, const Request& request) {
  auto core = minimize_model(history, group, model, finding, request.fail);
  std::vector<const Operation*> shown;
  for (const std::uint32_t index : core) shown.push_back(&history.operations[index]);
  const Operation* last = last_returned(shown);
  std::string sentence = fmt::format("{}no order of these {} operations is possible",
                                     describe_key(history, history.operations[group.front()].key), shown.size());
  if (last) {
    const ShownOperation what = show(history, *last);
    sentence = fmt::format("{}no order of these {} operations explains {}'s {}{}", describe_key(history, last->key),
                           shown.size(), what.client, describe_operation(what), describe_node(what));
  }
  return exhibit_model(history, group, {request, &model}, std::move(core), std::move(sentence));
}

}  // namespace fracas::checker
