#include "checker/linearizability/groups.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

namespace fracas::checker {
namespace {

std::vector<std::uint32_t> largest_first(const Partition& groups) {
  std::vector<std::uint32_t> order(groups.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return groups[a].size() > groups[b].size(); });
  return order;
}

// What one thread met first that is not of the model.
struct Refusal {
  std::uint32_t group = 0;
  Error error;
};

}  // namespace

Result<std::vector<Finding>> decide_groups(const Partition& groups, const Budget& budget, const DecideGroup& decide) {
  const auto order = largest_first(groups);
  std::vector<Finding> findings(groups.size());
  const unsigned cores = budget.threads > 0 ? budget.threads : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t workers = std::clamp<std::size_t>(groups.size(), 1, cores);
  std::vector<std::optional<Refusal>> refusals(workers);
  std::atomic<std::size_t> next{0};
  const auto work = [&](std::size_t worker) {
    for (std::size_t i = next++; i < order.size(); i = next++) {
      if (budget.give_up && budget.give_up()) {
        findings[order[i]].linearizable = Linearizable::unknown;
        findings[order[i]].reason = "the time was up before it was looked at";
        continue;
      }
      auto finding = decide(groups[order[i]]);
      if (finding) {
        findings[order[i]] = std::move(*finding);
      } else if (!refusals[worker] || order[i] < refusals[worker]->group) {
        refusals[worker] = Refusal{order[i], std::move(finding).error()};
      }
    }
  };
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < workers; ++i) pool.emplace_back(work, i);
    work(0);
  }
  std::optional<Refusal> first;
  for (auto& refusal : refusals)
    if (refusal && (!first || refusal->group < first->group)) first = std::move(refusal);
  if (first) return failure(std::move(first->error));
  return findings;
}

}  // namespace fracas::checker
