#include "checker/linearizability/key.h"

#include <algorithm>
#include <thread>

#include "checker/linearizability/groups.h"
#include "checker/linearizability/list_order.h"
#include "checker/linearizability/precheck.h"
#include "checker/linearizability/search.h"
#include "checker/linearizability/zones.h"

namespace fracas::checker {
namespace {

void name_operations(const Problem& problem, Finding& finding) {
  for (std::uint32_t& call : finding.evidence) call = problem.calls[call].operation;
  for (std::uint32_t& call : finding.witness) call = problem.calls[call].operation;
}

Result<Finding> decide_lists(const History& history, std::span<const std::uint32_t> key, const Budget& budget) {
  const auto lists = collect_lists(history, key);
  if (!lists) return failure(lists.error());
  auto ordered = decide_by_order(*lists);
  if (ordered && (ordered->linearizable != Linearizable::yes || !budget.witness)) return std::move(*ordered);
  const auto problem = compile_lists(history, key);
  if (!problem) return failure(problem.error());
  Finding finding = search(*problem, budget);
  if (ordered && finding.linearizable == Linearizable::unknown) return std::move(*ordered);  // without a witness, then
  name_operations(*problem, finding);
  return finding;
}

}  // namespace

Finding decide_register(const Problem& problem, const Budget& budget) {
  if (problem.starts.size() == 1 && problem.starts.front() == kInitial) {
    auto by_zones = decide_by_zones(problem, budget.witness);
    if (by_zones && by_zones->linearizable == Linearizable::yes) return std::move(*by_zones);
    if (auto finding = precheck_register(problem)) return std::move(*finding);  // the clearer proof
    if (by_zones) return std::move(*by_zones);
  }
  return search(problem, budget);
}

Result<Finding> decide_key(const History& history, std::span<const std::uint32_t> key, const KeyRules& rules,
                           const Budget& budget) {
  if (rules.list) return decide_lists(history, key, budget);
  const auto problem = compile_register(history, key, rules.reg);
  if (!problem) return failure(problem.error());
  Finding finding = decide_register(*problem, budget);
  name_operations(*problem, finding);
  return finding;
}

Result<std::vector<Finding>> decide_keys(const History& history, const Partition& keys, const KeyRules& rules,
                                         const Budget& budget) {
  Budget each = budget;
  const unsigned cores = budget.threads > 0 ? budget.threads : std::max(1U, std::thread::hardware_concurrency());
  if (keys.size() < cores) each.threads_per_key = 2;
  return decide_groups(keys, budget,
                       [&](std::span<const std::uint32_t> key) { return decide_key(history, key, rules, each); });
}

}  // namespace fracas::checker
