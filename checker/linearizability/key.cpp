#include "checker/linearizability/key.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "checker/linearizability/list_order.h"
#include "checker/linearizability/precheck.h"
#include "checker/linearizability/search.h"

namespace fracas::checker {
namespace {

Result<Finding> decide_lists(const History& history, std::span<const std::uint32_t> key, const Budget& budget) {
  const auto lists = collect_lists(history, key);
  if (!lists) return failure(lists.error());
  if (auto finding = decide_by_order(*lists)) return std::move(*finding);
  const auto problem = compile_lists(history, key);
  if (!problem) return failure(problem.error());
  return search(*problem, budget);
}

}  // namespace

Finding decide_register(const Problem& problem, const Budget& budget) {
  if (problem.starts.size() == 1 && problem.starts.front() == kInitial) {
    if (auto finding = precheck_register(problem)) return std::move(*finding);
    if (has_unique_writes(problem)) return decide_by_zones(problem);
  }
  return search(problem, budget);
}

Result<Finding> decide_key(const History& history, std::span<const std::uint32_t> key, const KeyRules& rules,
                           const Budget& budget) {
  if (rules.list) return decide_lists(history, key, budget);
  const auto problem = compile_register(history, key, rules.reg);
  if (!problem) return failure(problem.error());
  Finding finding = decide_register(*problem, budget);
  for (std::uint32_t& call : finding.evidence) call = problem->calls[call].operation;
  return finding;
}

Result<std::vector<Finding>> decide_keys(const History& history, const Partition& keys, const KeyRules& rules,
                                         const Budget& budget) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return keys[a].size() > keys[b].size(); });
  std::vector<Result<Finding>> results(keys.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < order.size(); i = next++)
      results[order[i]] = decide_key(history, keys[order[i]], rules, budget);
  };
  const unsigned cores = budget.threads > 0 ? budget.threads : std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < std::min<std::size_t>(cores, keys.size()); ++i) pool.emplace_back(work);
    work();
  }
  std::vector<Finding> findings;
  findings.reserve(keys.size());
  for (auto& result : results) {
    if (!result) return failure(std::move(result).error());
    findings.push_back(std::move(*result));
  }
  return findings;
}

}  // namespace fracas::checker
