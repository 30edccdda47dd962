#include "checker/structures/object_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "checker/explain/conclude.h"
#include "checker/explain/model_violation.h"
#include "checker/explain/text.h"
#include "checker/history/partition.h"
#include "checker/linearizability/groups.h"
#include "checker/linearizability/model_problem.h"
#include "checker/linearizability/search.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kShownMax = 40;  // operations of a proof

class Objects {
 public:
  Objects(const History& history, const Request& request, const ObjectRules& rules)
      : history_(history),
        request_(request),
        rules_(rules),
        groups_(Partition::by_key(history, request.budget.threads)),
        decisions_(groups_.size()) {
    for (std::uint32_t i = 0; i < groups_.size(); ++i) by_first_.emplace(groups_[i].front(), i);
  }

  Result<CheckResult> check() {
    const auto findings =
        decide_groups(groups_, request_.budget, [&](std::span<const std::uint32_t> group) { return decide(group); });
    if (!findings) return failure(findings.error());
    CheckResult result = conclude(history_, groups_, *findings, rules_.promise,
                                  [&](std::size_t group) { return explain(group, (*findings)[group]); });
    for (const Decision& decision : decisions_)
      for (const auto& [name, count] : decision.counts) result.numbers[std::string(name)] += count;
    return result;
  }

 private:
  // Each thread writes the decisions of its own groups.
  Result<Finding> decide(std::span<const std::uint32_t> group) {
    auto decided = rules_.decide(group);
    if (!decided) return failure(std::move(decided).error());
    Decision& decision = decisions_[by_first_.find(group.front())->second];
    decision = *std::move(decided);
    if (decision.answer == Linearizable::unknown && rules_.search) return search_for(group, decision.sentence);
    Finding finding;
    finding.linearizable = decision.answer;
    if (decision.answer == Linearizable::unknown) finding.reason = decision.sentence;
    if (decision.answer == Linearizable::no) finding.failed_at_ns = seen_at(decision);
    if (request_.budget.witness) finding.witness = std::move(decision.witness);
    decision.witness = {};
    return finding;
  }

  Finding search_for(std::span<const std::uint32_t> group, const std::string& why) const {
    const ModelProblem compiled = compile_model(history_, group, *rules_.search, request_.fail);
    Finding finding = search(compiled.problem, request_.budget);
    for (std::uint32_t& call : finding.witness) call = compiled.problem.calls[call].operation;
    if (finding.linearizable == Linearizable::unknown) finding.reason += fmt::format("; {}", why);
    return finding;
  }

  // When the last of a proof's operations returned.
  std::int64_t seen_at(const Decision& decision) const {
    std::int64_t at = std::numeric_limits<std::int64_t>::min();
    for (const std::uint32_t index : decision.proof) {
      const Operation& operation = history_.operations[index];
      at = std::max(at, operation.return_ns == kNever ? operation.invoke_ns : operation.return_ns);
    }
    return at;
  }

  Counterexample explain(std::size_t group, const Finding& finding) const {
    const Decision& decision = decisions_[group];
    if (decision.answer != Linearizable::no)
      return explain_model(history_, groups_[group], *rules_.search, finding, request_);
    std::vector<std::uint32_t> proof = decision.proof;
    std::sort(proof.begin(), proof.end());
    proof.erase(std::unique(proof.begin(), proof.end()), proof.end());
    std::string sentence = describe_key(history_, history_.operations[proof.front()].key) + decision.sentence;
    if (proof.size() > kShownMax)
      sentence += fmt::format(" (the last {} of {} operations are shown)", kShownMax, proof.size());
    const ModelQuestion question{request_, rules_.search ? &*rules_.search : nullptr};
    return exhibit_model(history_, groups_[group], question, std::move(proof), std::move(sentence));
  }

  const History& history_;
  const Request& request_;
  const ObjectRules& rules_;
  Partition groups_;
  std::vector<Decision> decisions_;                            // by group
  std::unordered_map<std::uint32_t, std::uint32_t> by_first_;  // from a group's first operation to its number
};

}  // namespace

Result<CheckResult> check_objects(const History& history, const Request& request, const ObjectRules& rules) {
  return Objects(history, request, rules).check();
}

Result<std::int64_t> integer_parameter(const Request& request, std::string_view name, std::int64_t default_,
                                       std::int64_t least) {
  const auto text = request.parameter(name);
  if (!text) return default_;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < least)
    return failure(fmt::format("{} is \"{}\", not an integer from {} up", name, *text, least));
  return value;
}

}  // namespace fracas::checker
