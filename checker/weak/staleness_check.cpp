#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "checker/explain/conclude.h"
#include "checker/explain/counterexample.h"
#include "checker/explain/minimize.h"
#include "checker/explain/text.h"
#include "checker/history/partition.h"
#include "checker/linearizability/key.h"
#include "checker/structures/object_check.h"
#include "checker/weak/memory.h"
#include "checker/weak/seconds.h"
#include "checker/weak/staleness.h"

namespace fracas::checker::weak {
namespace {

constexpr std::size_t kShownMax = 40;  // operations; of more, only the last are shown

struct Bounds {
  std::optional<std::uint64_t> versions;
  std::optional<std::int64_t> age_ns;
};

Result<Bounds> bounds_of(const History& history, const Request& request) {
  Bounds bounds;
  const auto versions = integer_parameter(request, "versions", 0, 1);
  if (!versions) return failure(versions.error());
  if (*versions > 0) bounds.versions = static_cast<std::uint64_t>(*versions);
  auto age = seconds_parameter(request, "seconds");
  if (!age) return failure(std::move(age).error());
  bounds.age_ns = *age;
  if (bounds.age_ns && !history.timed) return failure("seconds: this history has no times");
  return bounds;
}

class StalenessCheck {
 public:
  StalenessCheck(const History& history, const Request& request, std::optional<Value> initial, const Bounds& bounds)
      : history_(history), request_(request), initial_(initial), bounds_(bounds), keys_(Partition::by_key(history)) {}

  Result<CheckResult> run() {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      auto measured = measure_staleness(history_, keys_[i], initial_, request_.budget);
      if (!measured) return failure(std::move(measured).error());
      judge(i, *measured);
    }
    result_.kind = request_.level;
    result_.numbers = {{"operations", static_cast<double>(history_.operations.size())},
                       {"keys", static_cast<double>(keys_.size())},
                       {"stale_versions_min", static_cast<double>(most_.versions_min)},
                       {"stale_versions_max", static_cast<double>(most_.versions_max)}};
    if (history_.timed) result_.numbers["stale_ms"] = static_cast<double>(most_.age_ns) / 1e6;
    if (result_.verdict == Verdict::pass) result_.summary = sentence();
    if (result_.verdict == Verdict::violated && most_.bounded) result_.details.push_back(sentence());
    return std::move(result_);
  }

 private:
  std::string age(std::int64_t age_ns) const { return describe_distance(history_, 0, age_ns); }

  std::string sentence() const {
    if (most_.age_ns == 0)
      return fmt::format("{} operations: every read saw the newest version", history_.operations.size());
    const std::string k = most_.versions_min == most_.versions_max
                              ? fmt::format("{}", most_.versions_max)
                              : fmt::format("{} to {}", most_.versions_min, most_.versions_max);
    return fmt::format("each read saw one of the {} newest versions, out of date for at most {}", k, age(most_.age_ns));
  }

  void judge(std::size_t key, const Staleness& measured) {
    if (measured.unknown) {
      leave_open(key, "values were written more than once, or the search ran out of its budget");
    } else if (!measured.bounded) {
      most_.bounded = false;
      refuse(key, by_time(key, history_.end_ns - history_.start_ns + 1), "no bound allows what these reads saw");
    } else {
      most_.age_ns = std::max(most_.age_ns, measured.age_ns);
      most_.versions_min = std::max(most_.versions_min, measured.versions_min);
      most_.versions_max = std::max(most_.versions_max, measured.versions_max);
      compare(key, measured);
    }
  }

  void compare(std::size_t key, const Staleness& measured) {
    if (bounds_.age_ns && measured.age_ns > *bounds_.age_ns)
      refuse(key, by_time(key, *bounds_.age_ns),
             fmt::format("what was read had been out of date for {}, longer than {}", age(measured.age_ns),
                         age(*bounds_.age_ns)));
    if (!bounds_.versions || measured.versions_max <= *bounds_.versions) return;
    if (measured.versions_min > *bounds_.versions) {
      const auto show = measured.oldest.empty() ? by_time(key, 0) : measured.oldest;
      refuse(key, show,
             fmt::format("a read saw none of the {} newest versions, but the {}th", *bounds_.versions,
                         measured.versions_min));
    } else {
      leave_open(key, fmt::format("reads saw one of the {} to {} newest versions, and which depends on the order of "
                                  "writes that overlap",
                                  measured.versions_min, measured.versions_max));
    }
  }

  void leave_open(std::size_t key, std::string_view why) {
    if (result_.verdict != Verdict::pass) return;
    result_.verdict = Verdict::undecided;
    result_.summary =
        fmt::format("undecided: {}{}", describe_key(history_, history_.operations[keys_[key].front()].key), why);
  }

  // A few operations that are not linearizable even if all reads had begun so much earlier.
  std::vector<std::uint32_t> by_time(std::size_t key, std::int64_t age_ns) const {
    const auto problem = compile_register(history_, keys_[key], {.initial = initial_});
    if (!problem) return {keys_[key].begin(), keys_[key].end()};
    const Problem older = aged(*problem, age_ns);
    const Finding finding = decide_register(older, request_.budget);
    std::vector<std::uint32_t> operations;
    if (finding.linearizable == Linearizable::no)
      for (const std::uint32_t call : minimize(older, finding).calls) operations.push_back(older.calls[call].operation);
    std::sort(operations.begin(), operations.end());
    return operations;
  }

  void refuse(std::size_t key, std::vector<std::uint32_t> operations, std::string sentence) {
    if (result_.verdict == Verdict::violated) return;
    result_.verdict = Verdict::violated;
    std::sort(operations.begin(), operations.end());
    if (operations.size() > kShownMax) operations.erase(operations.begin(), operations.end() - kShownMax);
    std::vector<const Operation*> shown;
    for (const std::uint32_t index : operations) shown.push_back(&history_.operations[index]);
    const Value name = history_.operations[keys_[key].front()].key;
    add_proof(result_, exhibit(history_, shown, describe_key(history_, name) + sentence, request_.faults));
  }

  const History& history_;
  const Request& request_;
  std::optional<Value> initial_;
  Bounds bounds_;
  Partition keys_;
  Staleness most_;
  CheckResult result_;
};

}  // namespace

Result<CheckResult> check_bounded_staleness(const History& history, const Request& request,
                                            std::optional<Value> initial) {
  const auto bounds = bounds_of(history, request);
  if (!bounds) return failure(bounds.error());
  return StalenessCheck(history, request, initial, *bounds).run();
}

}  // namespace fracas::checker::weak
