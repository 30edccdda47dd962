#include "checker/structures/total_kinds.h"

#include <fmt/format.h>

#include <mutex>
#include <vector>

#include "checker/invariants/quantiles.h"
#include "checker/structures/object_check.h"
#include "checker/structures/queue_totals.h"
#include "checker/structures/set_visibility.h"
#include "checker/structures/siblings.h"

namespace fracas::checker {
namespace {

using Operations = std::span<const std::uint32_t>;

Delivery delivery_of(std::string_view level) {
  if (level == "at-most-once") return Delivery::at_most_once;
  return level == "exactly-once" ? Delivery::exactly_once : Delivery::at_least_once;
}

Visibility visibility_of(std::string_view level) {
  if (level == "immediate") return Visibility::immediate;
  return level == "last-read" ? Visibility::last_read : Visibility::eventual;
}

// "lost: 3" and the like, of what is not as it should be.
void add_counts(CheckResult& result, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const double count = result.numbers[name]; count > 0)
      result.details.push_back(fmt::format("{}: {}", name, count));
}

Result<CheckResult> check_total_queue(const History& history, const Request& request) {
  auto result = check_objects(
      history, request,
      {fmt::format("delivered {}", request.level),
       [&](Operations operations) { return decide_queue_totals(history, operations, delivery_of(request.level)); },
       {}});
  if (!result) return result;
  result->kind = "total-queue";
  add_counts(*result, {"lost", "duplicated", "unexpected", "recovered"});
  if (const double takes = result->numbers["unanswered_takes"]; takes > 0 && result->numbers["lost"] > 0)
    result->details.push_back(fmt::format("{} dequeues and drains never answered, and may have taken values", takes));
  return result;
}

Result<CheckResult> check_set_full(const History& history, const Request& request) {
  std::mutex mutex;
  std::vector<std::int64_t> stable_after_ns;  // of all keys
  auto result = check_objects(history, request,
                              {fmt::format("sets with every element visible ({})", request.level),
                               [&](Operations operations) -> Result<Decision> {
                                 auto found = examine_visibility(history, operations, visibility_of(request.level));
                                 if (!found) return failure(std::move(found).error());
                                 const std::lock_guard lock(mutex);
                                 if (stable_after_ns.empty())
                                   stable_after_ns = std::move(found->stable_after_ns);
                                 else
                                   stable_after_ns.insert(stable_after_ns.end(), found->stable_after_ns.begin(),
                                                          found->stable_after_ns.end());
                                 return std::move(found->decision);
                               },
                               {}});
  if (!result) return result;
  result->kind = "set-full";
  // Of a key without a known element nothing can be asked, but there must be some with one.
  if (result->verdict == Verdict::pass && request.level != "last-read" && result->numbers["stable"] == 0) {
    result->verdict = Verdict::undecided;
    result->summary = kNothingStable;
  }
  add_counts(*result, {"lost", "stale", "never_read", "duplicated", "unexpected"});
  if (!history.timed || stable_after_ns.empty()) return result;
  const Quantiles visible = quantiles_of(std::move(stable_after_ns));
  result->numbers["visible_p50_ms"] = visible.p50_ms;
  result->numbers["visible_p99_ms"] = visible.p99_ms;
  result->numbers["visible_max_ms"] = visible.max_ms;
  result->details.push_back(fmt::format("visible for good: half at most {:.1f} ms after they were known, all {:.1f} ms",
                                        visible.p50_ms, visible.max_ms));
  return result;
}

Result<CheckResult> check_siblings(const History& history, const Request& request) {
  const bool converged = request.level == "converged";
  auto result =
      check_objects(history, request,
                    {converged ? "stores whose siblings converge" : "stores whose acknowledged writes survive",
                     [&](Operations operations) { return decide_siblings(history, operations, converged); },
                     {}});
  if (!result) return result;
  result->kind = "siblings";
  add_counts(*result, {"lost", "resurrected", "diverged"});
  return result;
}

}  // namespace

const ModelKind kTotalQueue{"total-queue",
                            "a queue of any order, drained at the end: enqueue, dequeue, drain",
                            {"at-least-once", "at-most-once", "exactly-once"},
                            {},
                            check_total_queue};
const ModelKind kSetFull{"set-full",
                         "a set that is only added to, and what each read shows: add, read of all elements",
                         {"eventual", "immediate", "last-read"},
                         {},
                         check_set_full};
const ModelKind kSiblings{"siblings",
                          "a store that keeps values written at once side by side: write, read of all of them",
                          {"converged", "survives"},
                          {},
                          check_siblings};

}  // namespace fracas::checker
