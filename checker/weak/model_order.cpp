#include "checker/weak/model_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "checker/explain/conclude.h"
#include "checker/explain/counterexample.h"
#include "checker/explain/halving.h"
#include "checker/explain/text.h"
#include "checker/history/partition.h"
#include "checker/linearizability/model_problem.h"
#include "checker/weak/model_walk.h"

namespace fracas::checker::weak {
namespace {

constexpr std::uint64_t kProbeConfigurations = 4'000;    // a probe that needs more counts as "no violation"
constexpr std::uint64_t kEffort = 400'000;               // configurations in all probes together
constexpr std::uint64_t kProbeCost = 100;                // what a probe costs besides its configurations and items
constexpr std::uint64_t kFirstConfigurations = 500'000;  // of the question whether a key is linearizable
constexpr std::size_t kShownMax = 40;                    // operations; of more, only the last are shown

// Some operations as one problem of all their objects.
class Compiled {
 public:
  Compiled(const History& history, const Partition& objects, std::span<const std::uint32_t> wanted,
           const AnyModel& model, FailMeans fail) {
    problem_.processes = static_cast<std::uint32_t>(history.processes.size());
    for (const std::uint32_t object : wanted) {
      compiled_.push_back(compile_model(history, objects[object], model, fail));
      for (const Call& call : compiled_.back().problem.calls)
        problem_.items.push_back({call, static_cast<std::uint32_t>(problem_.spaces.size()),
                                  history.operations[call.operation].process, call.required});
      problem_.spaces.push_back(compiled_.back().space.get());
    }
    std::sort(problem_.items.begin(), problem_.items.end(),
              [](const auto& a, const auto& b) { return a.call.operation < b.call.operation; });
  }
  const OrderProblem& problem() const { return problem_; }

 private:
  std::vector<ModelProblem> compiled_;
  OrderProblem problem_;
};

// A few items that no order explains: the others may take effect with any answer, or never, which cannot make a
// violation. 1-minimal unless the effort ran out.
class Shrinking {
 public:
  explicit Shrinking(const OrderProblem& problem) : problem_(problem), strict_(problem.items.size(), true) {}

  std::vector<std::uint32_t> run() {
    shrink_by_halves(
        strict_.size(), [&](std::size_t chunk) { return relax(chunk); }, [&] { return effort_ >= kEffort; });
    auto items = strict_items();
    for (std::uint32_t& item : items) item = problem_.items[item].call.operation;
    return items;
  }

 private:
  std::vector<std::uint32_t> strict_items() const {
    std::vector<std::uint32_t> items;
    for (std::uint32_t i = 0; i < strict_.size(); ++i)
      if (strict_[i]) items.push_back(i);
    return items;
  }

  bool relax(std::size_t chunk) {
    bool relaxed = false;
    const auto items = strict_items();
    for (std::size_t begin = 0; begin < items.size() && effort_ < kEffort; begin += chunk) {
      auto fewer = strict_;
      for (std::size_t i = begin; i < std::min(begin + chunk, items.size()); ++i) fewer[items[i]] = false;
      if (!violated(fewer)) continue;
      strict_ = std::move(fewer);
      relaxed = true;
    }
    return relaxed;
  }

  bool violated(const std::vector<bool>& strict) {
    OrderProblem part{{}, problem_.spaces, problem_.processes};
    for (std::size_t i = 0; i < strict.size(); ++i) {
      OrderProblem::Item item = problem_.items[i];
      if (!strict[i] && is_pure(item.call)) continue;
      if (!strict[i] && item.fixed) {
        ++item.call.first;  // the same with an unknown answer
        item.fixed = false;
      }
      part.items.push_back(item);
    }
    const OrderAnswer answer = walk_orders(part, {.configurations_per_key = kProbeConfigurations});
    effort_ += answer.explored + part.items.size() + kProbeCost;
    return answer.answer == Linearizable::no;
  }

  const OrderProblem& problem_;
  std::vector<bool> strict_;
  std::uint64_t effort_ = 0;
};

Counterexample prove(const History& history, const OrderProblem& problem, const Request& request) {
  auto core = Shrinking(problem).run();
  std::string sentence =
      fmt::format("no one order of these {} operations that keeps each client's own is possible", core.size());
  if (core.size() > kShownMax) {
    sentence += fmt::format(" (the last {} are shown)", kShownMax);
    core.erase(core.begin(), core.end() - kShownMax);
  }
  std::vector<const Operation*> shown;
  for (const std::uint32_t index : core) shown.push_back(&history.operations[index]);
  Counterexample example = exhibit(history, shown, std::move(sentence), request.faults);
  if (std::all_of(shown.begin(), shown.end(), [&](const Operation* o) { return o->key == shown.front()->key; }))
    return example;
  example.key.clear();
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (!shown[i]->key.is_nil()) example.operations[i].function += ' ' + key_text(history, shown[i]->key);
  return example;
}

Result<void> accept_all(const History& history, const AnyModel& model) {
  for (const Operation& operation : history.operations)
    if (auto accepted = model.accept(operation); !accepted)
      return failure(std::move(accepted).error().context(fmt::format("event {}", operation.invoke + 1)));
  return {};
}

CheckResult holding(const History& history, const ModelRules& rules, std::size_t keys) {
  CheckResult result;
  result.kind = "sequential";
  result.summary = fmt::format("{} operations are sequential as {}", history.operations.size(), rules.name);
  result.numbers = {{"operations", static_cast<double>(history.operations.size())},
                    {"keys", static_cast<double>(keys)},
                    {"configurations", 0}};
  return result;
}

// What one problem adds to the result. False: it is violated, and nothing more need be looked at.
bool judge(const History& history, const Request& request, const OrderProblem& problem, std::string key,
           CheckResult& result) {
  const OrderAnswer answer = walk_orders(problem, request.budget);
  result.numbers["configurations"] += static_cast<double>(answer.explored);
  if (answer.answer == Linearizable::no) {
    result.verdict = Verdict::violated;
    add_proof(result, prove(history, problem, request));
    result.summary = "not sequential: " + result.summary;
    return false;
  }
  if (answer.answer == Linearizable::unknown) {
    result.verdict = Verdict::undecided;
    result.summary = fmt::format("undecided: no order was found among {} configurations", answer.explored);
    return true;
  }
  if (!request.budget.witness) return true;
  Witness witness{std::move(key), {}};
  for (const std::uint32_t item : answer.order)
    witness.invocations.push_back(history.operations[problem.items[item].call.operation].invoke + 1);
  result.witnesses.push_back(std::move(witness));
  return true;
}

}  // namespace

Result<CheckResult> search_sequential(const History& history, const Request& request, const AnyModel& model,
                                      const ModelRules& rules, bool each_key) {
  if (auto accepted = accept_all(history, model); !accepted) return failure(std::move(accepted).error());
  const Partition objects = rules.by_key ? Partition::by_key(history) : Partition::whole(history);
  CheckResult result = holding(history, rules, objects.size());
  std::vector<std::uint32_t> all(objects.size());
  std::iota(all.begin(), all.end(), 0U);
  const std::size_t step = each_key ? 1 : std::max<std::size_t>(all.size(), 1);
  for (std::size_t i = 0; i < all.size(); i += step) {
    const Compiled compiled(history, objects, std::span(all).subspan(i, step), model, request.fail);
    std::string key = each_key ? key_text(history, history.operations[objects[i].front()].key) : std::string();
    if (!judge(history, request, compiled.problem(), std::move(key), result)) break;
  }
  result.details.push_back(each_key ? "each key was judged by itself" : "all keys were judged together");
  if (model.conditional(Function::cas)) result.details.push_back(describe_fail(request.fail));
  return result;
}

Result<CheckResult> check_sequential(const History& history, const Request& request, const AnyModel& model,
                                     const ModelRules& rules,
                                     const std::function<Result<CheckResult>(const Request&)>& linearizable) {
  Request strong = request;
  strong.level = "linearizable";
  strong.budget.configurations_per_key = std::min(request.budget.configurations_per_key, kFirstConfigurations);
  auto stronger = linearizable(strong);
  if (!stronger) return stronger;
  if (stronger->verdict == Verdict::pass && !request.budget.witness) {
    CheckResult result = holding(history, rules, static_cast<std::size_t>(stronger->numbers["keys"]));
    result.details = std::move(stronger->details);
    result.details.push_back("the history is linearizable, and so it is sequential");
    return result;
  }
  return search_sequential(history, request, model, rules, false);
}

}  // namespace fracas::checker::weak
