#include "checker/weak/register_levels.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/explain/conclude.h"
#include "checker/explain/text.h"
#include "checker/history/partition.h"
#include "checker/linearizability/check_model.h"
#include "checker/weak/convergence.h"
#include "checker/weak/core.h"
#include "checker/weak/judge.h"
#include "checker/weak/model_order.h"
#include "checker/weak/staleness.h"

namespace fracas::checker::weak {
namespace {

constexpr std::string_view kBoundedStaleness = "bounded-staleness";
constexpr std::string_view kConvergent = "convergent";

struct PlainRegister {
  using State = Value;
  std::optional<Value> first;

  State initial() const { return first.value_or(Value::of(Value::kIntegerMin)); }
  Result<void> accept(const Operation&) const { return {}; }
  bool total(const ModelCall& call) const { return call.function == Function::write; }
  bool constant(const ModelCall& call) const { return total(call); }
  bool apply(const ModelCall& call, State& state) const {
    if (call.function == Function::read) return !call.answered || call.result == state;
    state = call.argument;
    return true;
  }
};

// One judgement of the whole history from those of its parts: a level holds if it does of each.
Answers together(const std::vector<Judgement>& judgements) {
  Answers all;
  for (std::size_t i = 0; i < kLevels; ++i) {
    all[i] = Linearizable::yes;
    for (const Judgement& each : judgements) {
      const Linearizable one = each.answers[i].value_or(Linearizable::unknown);
      if (one == Linearizable::no) all[i] = one;
      if (one == Linearizable::unknown && all[i] == Linearizable::yes) all[i] = one;
    }
  }
  return all;
}

std::string describe_levels(const Answers& answers) {
  const LevelNames names = summarise(answers);
  std::string text;
  if (names.fails.empty() && names.open.empty()) return "every level holds, up to linearizable";
  text = names.holds.empty() ? "no level is known to hold"
                             : fmt::format("strongest that holds: {}", fmt::join(names.holds, ", "));
  if (!names.fails.empty()) text += fmt::format("; weakest that fails: {}", fmt::join(names.fails, ", "));
  if (!names.open.empty()) text += fmt::format("; undecided: {}", fmt::join(names.open, ", "));
  return text;
}

class LevelCheck {
 public:
  LevelCheck(const History& history, const Request& request, std::optional<Value> initial, bool per_key)
      : history_(history),
        request_(request),
        initial_(initial),
        level_(*level_of(request.level)),
        groups_(per_key ? Partition::by_key(history) : Partition::whole(history)),
        per_key_(per_key) {}

  Result<CheckResult> run() {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      auto judged = judge(question(i));
      if (!judged) return failure(std::move(judged).error());
      judgements_.push_back(std::move(*judged));
    }
    const Answers all = together(judgements_);
    const Linearizable answer = all[static_cast<std::size_t>(level_)].value_or(Linearizable::unknown);
    const bool ambiguous =
        std::any_of(judgements_.begin(), judgements_.end(), [](const Judgement& each) { return each.ambiguous; });
    if (answer == Linearizable::unknown && level_ == Level::sequential && ambiguous) return search();
    CheckResult result = conclude(answer);
    result.levels = describe_levels(all);
    result.details.push_back(result.levels);
    result.details.push_back(per_key_ ? "each key was judged by itself" : "all keys were judged together");
    return result;
  }

 private:
  Question question(std::size_t group) const { return {history_, groups_[group], initial_, request_.budget}; }
  bool is(const Judgement& judgement, Linearizable answer) const {
    return judgement.answers[static_cast<std::size_t>(level_)] == answer;
  }

  // Repeated values, mostly: any order of the operations themselves is looked for.
  Result<CheckResult> search() const {
    ModelRules rules{.name = "register"};
    return search_sequential(history_, request_, any_model(PlainRegister{initial_}), rules, per_key_);
  }

  CheckResult conclude(Linearizable answer) {
    CheckResult result;
    result.kind = request_.level;
    std::uint64_t explored = 0;
    for (const Judgement& each : judgements_) explored += each.explored;
    result.numbers = {{"operations", static_cast<double>(history_.operations.size())},
                      {"configurations", static_cast<double>(explored)}};
    result.summary = fmt::format("{} operations keep {}", history_.operations.size(), request_.level);
    if (per_key_) result.numbers["keys"] = static_cast<double>(groups_.size());
    if (answer == Linearizable::no) prove(result);
    if (answer == Linearizable::unknown) leave_open(result);
    if (answer == Linearizable::yes) add_witnesses(result);
    return result;
  }

  void prove(CheckResult& result) const {
    const auto broken = std::find_if(judgements_.begin(), judgements_.end(),
                                     [&](const Judgement& each) { return is(each, Linearizable::no); });
    const auto group = static_cast<std::size_t>(broken - judgements_.begin());
    const auto why = std::find_if(broken->failures.begin(), broken->failures.end(),
                                  [&](const Failure& failure) { return implies(level_, failure.level); });
    result.verdict = Verdict::violated;
    add_proof(result, explain(question(group), *why, level_, request_.faults));
    result.summary = fmt::format("not {}: {}", request_.level, result.summary);
  }

  void leave_open(CheckResult& result) const {
    result.verdict = Verdict::undecided;
    for (const Judgement& each : judgements_)
      if (is(each, Linearizable::unknown)) result.summary = "undecided: " + each.reason;
  }

  void add_witnesses(CheckResult& result) const {
    for (std::size_t i = 0; i < judgements_.size(); ++i) {
      if (judgements_[i].order.empty()) continue;
      const Value key = history_.operations[groups_[i].front()].key;
      Witness witness{per_key_ ? key_text(history_, key) : std::string(), {}};
      for (const std::uint32_t index : judgements_[i].order)
        witness.invocations.push_back(history_.operations[index].invoke + 1);
      result.witnesses.push_back(std::move(witness));
    }
  }

  const History& history_;
  const Request& request_;
  std::optional<Value> initial_;
  Level level_;
  Partition groups_;
  bool per_key_;
  std::vector<Judgement> judgements_;
};

}  // namespace

const std::vector<std::string_view>& register_level_names() {
  static const std::vector<std::string_view> names{"sequential",         "causal-memory",
                                                   "causal-convergence", "causal",
                                                   "weak-causal",        "pram",
                                                   "read-your-writes",   "monotonic-reads",
                                                   "monotonic-writes",   "writes-follow-reads",
                                                   kBoundedStaleness,    kConvergent};
  return names;
}

const std::vector<ModelParameter>& register_level_parameters() {
  static const std::vector<ModelParameter> parameters{
      {"per-key", "at levels from sequential to writes-follow-reads: true judges each key by itself", "false"},
      {"versions", "bounded-staleness: a read sees one of so many newest versions; 1 = the newest", ""},
      {"seconds", "bounded-staleness: what a read sees was the newest version at most so long before it began", ""},
      {"heal", "convergent: seconds from the history's start to when the last fault was over", "the last fault's end"},
      {"settle", "convergent: seconds that replicas may take from then, or from the last write, to agree", "0"},
  };
  return parameters;
}

Result<CheckResult> check_register_level(const History& history, const Request& request, std::optional<Value> initial) {
  if (request.level == kBoundedStaleness) return check_bounded_staleness(history, request, initial);
  if (request.level == kConvergent) return check_convergence(history, request, initial);
  const std::string_view per_key = request.parameter("per-key").value_or("false");
  if (per_key != "true" && per_key != "false")
    return failure(fmt::format("per-key is true or false, not \"{}\"", per_key));
  return LevelCheck(history, request, initial, per_key == "true").run();
}

}  // namespace fracas::checker::weak
