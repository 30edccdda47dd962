#include "checker/structures/service_kinds.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>

#include "checker/structures/counter.h"
#include "checker/structures/fenced_lock.h"
#include "checker/structures/ids.h"
#include "checker/structures/log_order.h"
#include "checker/structures/object_check.h"
#include "checker/structures/permits.h"
#include "checker/structures/sequential_objects.h"
#include "checker/weak/model_order.h"

namespace fracas::checker {
namespace {

using Operations = std::span<const std::uint32_t>;

Decision only_bounds(const CounterBounds& bounds) {
  if (bounds.wrong.empty()) return {};
  const auto& read = bounds.wrong.front();
  return Decision::refuse(
      fmt::format("a read saw {}, outside of the {} to {} it can have been", read.value, read.least, read.most),
      {read.operation});
}

Result<Decision> decide_counting(const History& history, Operations operations, std::int64_t initial,
                                 std::string_view level) {
  auto steps = counter_steps(history, operations);
  if (!steps) return failure(steps.error());
  if (level == "final") drop_early_reads(*steps);
  const CounterBounds found = counter_bounds(*steps, initial);
  Decision decision = level == "linearizable" ? decide_counter(history, *steps, initial) : only_bounds(found);
  if (level == "final" && found.reads.empty())
    decision = Decision::give_up("no read began after the last addition had returned");
  decision.counts = {{"reads", static_cast<double>(found.reads.size())},
                     {"reads_out_of_bounds", static_cast<double>(found.wrong.size())}};
  return decision;
}

Result<CheckResult> check_counter(const History& history, const Request& request) {
  const auto initial = integer_parameter(request, "initial", 0, std::numeric_limits<std::int32_t>::min());
  if (!initial) return failure(initial.error());
  if (request.level == "sequential")
    return weak::check_sequential(history, request, counter_model(history, *initial), {.name = "counter"},
                                  [&](const Request& strong) { return check_counter(history, strong); });
  const bool exact = request.level == "linearizable";
  ObjectRules rules{
      exact                      ? "linearizable as counter"
      : request.level == "final" ? "a counter in the end"
                                 : "within the bounds of a counter",
      [&](Operations operations) { return decide_counting(history, operations, *initial, request.level); },
      std::nullopt};
  if (exact) rules.search = counter_model(history, *initial);
  auto result = check_objects(history, request, rules);
  if (result && !exact) result->kind = "counter";
  return result;
}

Result<CheckResult> check_mutex(const History& history, const Request& request) {
  return check_objects(
      history, request,
      {"linearizable as mutex", [&](Operations operations) { return decide_permits(history, operations, 1); }, {}});
}

Result<CheckResult> check_semaphore(const History& history, const Request& request) {
  const auto permits = integer_parameter(request, "permits", 1, 1);
  if (!permits) return failure(permits.error());
  auto result = check_objects(history, request,
                              {"linearizable as semaphore",
                               [&](Operations operations) { return decide_permits(history, operations, *permits); },
                               {}});
  if (result) result->details.push_back(fmt::format("there are {} permits", *permits));
  return result;
}

Result<Decision> decide_holding(const History& history, Operations operations, bool fencing) {
  const auto holdings = holdings_of(history, operations);
  if (!holdings) return failure(holdings.error());
  Decision decision = fencing ? decide_fencing(history, *holdings) : decide_fenced_lock(history, *holdings);
  // What one process at a time can have held does not overlap.
  const bool exclusive = !fencing && decision.answer == Linearizable::yes;
  decision.counts = {{"held", static_cast<double>(holdings->all.size())},
                     {"held_while_held", exclusive ? 0 : static_cast<double>(overlaps(history, *holdings))}};
  return decision;
}

Result<CheckResult> check_fenced_lock(const History& history, const Request& request) {
  const bool fencing = request.level == "fencing";
  auto result = check_objects(history, request,
                              {fencing ? "safe by their tokens" : "linearizable as fenced-lock",
                               [&](Operations operations) { return decide_holding(history, operations, fencing); },
                               {}});
  if (!result) return result;
  if (fencing) result->kind = "fencing";
  if (const double overlapping = result->numbers["held_while_held"]; overlapping > 0)
    result->details.push_back(fmt::format("{} of {} times a process acquired the lock while another held it",
                                          overlapping, result->numbers["held"]));
  return result;
}

Result<Decision> decide_log(const History& history, Operations operations, bool delivered) {
  auto found = examine_log(history, operations);
  if (!found) return failure(std::move(found).error());
  Decision decision;
  if (!found->faults.empty())
    decision = Decision::refuse(std::move(found->faults.front().sentence), std::move(found->faults.front().proof));
  else if (delivered && found->unread > 0)
    decision = Decision::refuse(std::move(found->lost), std::move(found->lost_proof));
  else if (found->ambiguous)
    decision = Decision::give_up("a value was appended more than once, and nobody was told at which offsets");
  std::array<double, std::size(kLogFaults)> counts{};
  for (const LogFinding& fault : found->faults) ++counts[static_cast<std::size_t>(fault.fault)];
  for (const LogFault fault : kLogFaults)
    decision.counts.emplace_back(name(fault), counts[static_cast<std::size_t>(fault)]);
  decision.counts.insert(decision.counts.end(), {{"appended", static_cast<double>(found->appended)},
                                                 {"polled", static_cast<double>(found->polled)},
                                                 {"unread", static_cast<double>(found->unread)}});
  return decision;
}

Result<CheckResult> check_log(const History& history, const Request& request) {
  const bool delivered = request.level == "delivered";
  auto result = check_objects(history, request,
                              {delivered ? "delivered as by a log" : "linearizable as log",
                               [&](Operations operations) { return decide_log(history, operations, delivered); },
                               {}});
  if (!result) return result;
  if (delivered) result->kind = "log";
  for (const LogFault fault : kLogFaults)
    if (const double times = result->numbers[std::string(name(fault))]; times > 0)
      result->details.push_back(fmt::format("{}: {} times", name(fault), times));
  if (const double unread = result->numbers["unread"]; unread > 0)
    result->details.push_back(
        fmt::format("{} acknowledged values below the greatest offset read were never read", unread));
  return result;
}

Result<CheckResult> check_unique_ids(const History& history, const Request& request) {
  auto result = check_objects(
      history, request, {"unique", [&](Operations operations) { return decide_unique(history, operations); }, {}});
  if (result) result->kind = "unique-ids";
  return result;
}

Result<CheckResult> check_echo(const History& history, const Request& request) {
  auto result = check_objects(history, request,
                              {"echoed", [&](Operations operations) { return decide_echo(history, operations); }, {}});
  if (result) result->kind = "echo";
  return result;
}

Result<CheckResult> check_monotonic(const History& history, const Request& request) {
  const bool per_process = request.level == "per-process";
  auto result = check_objects(history, request,
                              {per_process ? "growing for every process" : "growing in real time",
                               [&](Operations operations) { return decide_growing(history, operations, per_process); },
                               {}});
  if (result) result->kind = "monotonic";
  return result;
}

}  // namespace

const ModelKind kCounter{"counter",
                         "a counter: add, decrement, read",
                         {"linearizable", "bounds", "sequential", "final"},
                         {{"initial", "what it holds at first", "0"}},
                         check_counter};
const ModelKind kMutex{"mutex", "a lock that anybody may release: acquire, release", {"linearizable"}, {}, check_mutex};
const ModelKind kSemaphore{"semaphore",
                           "a lock with several permits: acquire, release",
                           {"linearizable"},
                           {{"permits", "how many may be held at once", "1"}},
                           check_semaphore};
const ModelKind kFencedLock{"fenced-lock",
                            "a lock that its holder releases: acquire (answers with a growing token), release",
                            {"linearizable", "fencing"},
                            {},
                            check_fenced_lock};
const ModelKind kLog{"log",
                     "a log: append (answers with its offset), poll (answers with [offset value] pairs)",
                     {"linearizable", "delivered"},
                     {},
                     check_log};

const ModelKind kUniqueIds{
    "unique-ids", "a generator that gives no id twice: generate", {"unique"}, {}, check_unique_ids};
const ModelKind kEcho{"echo", "a service that says what it is told: echo", {"echoed"}, {}, check_echo};
const ModelKind kMonotonic{"monotonic",
                           "ids or reads, integers, that only grow: generate, read",
                           {"real-time", "per-process"},
                           {},
                           check_monotonic};

}  // namespace fracas::checker
