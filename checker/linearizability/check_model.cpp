#include "checker/linearizability/check_model.h"

#include <fmt/format.h>

#include "checker/explain/conclude.h"
#include "checker/explain/model_violation.h"
#include "checker/history/partition.h"
#include "checker/linearizability/groups.h"
#include "checker/linearizability/model_problem.h"
#include "checker/linearizability/search.h"
#include "checker/weak/model_order.h"

namespace fracas::checker {
namespace {

Result<void> accept_all(const History& history, const AnyModel& model) {
  for (const Operation& operation : history.operations)
    if (auto accepted = model.accept(operation); !accepted)
      return failure(std::move(accepted).error().context(fmt::format("event {}", operation.invoke + 1)));
  return {};
}

Finding decide(const History& history, std::span<const std::uint32_t> group, const AnyModel& model,
               const ModelRules& rules, const Request& request) {
  if (rules.shortcut)
    if (auto finding = rules.shortcut(group)) return std::move(*finding);
  const ModelProblem compiled = compile_model(history, group, model, request.fail);
  Finding finding = search(compiled.problem, request.budget);
  for (std::uint32_t& call : finding.evidence) call = compiled.problem.calls[call].operation;
  for (std::uint32_t& call : finding.witness) call = compiled.problem.calls[call].operation;
  return finding;
}

}  // namespace

Result<CheckResult> check_any_model(const History& history, const Request& request, const AnyModel& model,
                                    const ModelRules& rules) {
  if (request.level == "sequential")
    return weak::check_sequential(history, request, model, rules, [&](const Request& strong) {
      return check_any_model(history, strong, model, rules);
    });
  if (auto accepted = accept_all(history, model); !accepted) return failure(std::move(accepted).error());
  const Partition groups =
      rules.by_key ? Partition::by_key(history, request.budget.threads) : Partition::whole(history);
  const auto findings =
      decide_groups(groups, request.budget, [&](std::span<const std::uint32_t> group) -> Result<Finding> {
        return decide(history, group, model, rules, request);
      });
  if (!findings) return failure(findings.error());
  CheckResult result = conclude(
      history, groups, *findings, fmt::format("linearizable as {}", rules.name),
      [&](std::size_t group) { return explain_model(history, groups[group], model, (*findings)[group], request); });
  if (model.conditional(Function::cas)) result.details.push_back(describe_fail(request.fail));
  return result;
}

}  // namespace fracas::checker
