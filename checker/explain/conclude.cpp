#include "checker/explain/conclude.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/dead_ends.h"
#include "checker/explain/lanes.h"
#include "checker/explain/text.h"

namespace fracas::checker {
namespace {

using Findings = std::vector<Finding>;

std::size_t count(const Findings& findings, Linearizable answer) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.linearizable == answer; }));
}

// The key whose violation became visible first.
std::size_t first_violated(const Findings& findings) {
  std::size_t first = findings.size();
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (findings[i].linearizable == Linearizable::no &&
        (first == findings.size() || findings[i].failed_at_ns < findings[first].failed_at_ns))
      first = i;
  return first;
}

void explain_undecided(CheckResult& result, const History& history, const Partition& keys, const Findings& findings) {
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (findings[i].linearizable != Linearizable::unknown) continue;
    const std::string why = describe_key(history, history.operations[keys[i].front()].key) + findings[i].reason;
    if (result.verdict == Verdict::pass) {
      result.verdict = Verdict::undecided;
      result.summary = fmt::format("undecided: {}", why);
    }
    result.details.push_back(fmt::format("undecided: {}", why));
  }
}

void add_witnesses(CheckResult& result, const History& history, const Partition& keys, const Findings& findings) {
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (findings[i].witness.empty()) continue;
    Witness witness{key_text(history, history.operations[keys[i].front()].key), {}};
    for (const std::uint32_t index : findings[i].witness)
      witness.invocations.push_back(history.operations[index].invoke + 1);
    result.witnesses.push_back(std::move(witness));
  }
}

}  // namespace

void add_proof(CheckResult& result, Counterexample example) {
  result.summary = example.sentence;
  if (!example.fault_sentence.empty()) result.details.push_back(example.fault_sentence);
  for (auto& line : render_operations(example)) result.details.push_back(std::move(line));
  for (auto& line : render_lanes(example.operations)) result.details.push_back(std::move(line));
  for (auto& line : render_dead_ends(example)) result.details.push_back(std::move(line));
  for (const CycleEdge& edge : example.cycle) result.details.push_back(fmt::format("{}: {}", edge.label, edge.why));
  for (const auto& event : example.events)
    result.details.push_back(fmt::format("{:>12.6f} s  {}",
                                         static_cast<double>(event.time_ns - example.run_start_ns) / 1e9,
                                         model::to_json_line(event)));
  result.counterexample = std::move(example);
}

std::string describe_fail(FailMeans fail) {
  return fail == FailMeans::mismatch ? "a failed cas means that the value was seen not to match (fail = mismatch)"
                                     : "a failed cas means that nothing happened (fail = did-not-happen)";
}

CheckResult conclude(const History& history, const Partition& groups, const Findings& findings,
                     std::string_view promise, const std::function<Counterexample(std::size_t)>& explain) {
  CheckResult result;
  result.kind = promise.substr(0, promise.find(' '));
  std::uint64_t explored = 0;
  for (const Finding& finding : findings) explored += finding.explored;
  result.numbers = {{"operations", static_cast<double>(history.operations.size())},
                    {"keys", static_cast<double>(groups.size())},
                    {"keys_violated", static_cast<double>(count(findings, Linearizable::no))},
                    {"keys_undecided", static_cast<double>(count(findings, Linearizable::unknown))},
                    {"configurations", static_cast<double>(explored)}};
  result.summary = fmt::format("all {} keys are {} ({} operations)", groups.size(), promise, history.operations.size());
  if (groups.size() == 1) result.summary = fmt::format("{} operations are {}", history.operations.size(), promise);
  if (const std::size_t first = first_violated(findings); first < findings.size()) {
    result.verdict = Verdict::violated;
    add_proof(result, explain(first));
    if (groups.size() > 1)
      result.details.push_back(
          fmt::format("{} of {} keys are violated", count(findings, Linearizable::no), groups.size()));
  }
  explain_undecided(result, history, groups, findings);
  add_witnesses(result, history, groups, findings);
  return result;
}

}  // namespace fracas::checker
