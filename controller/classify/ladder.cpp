#include "controller/classify/ladder.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "checker/catalogue.h"
#include "checker/weak/judge.h"
#include "checker/weak/levels.h"
#include "controller/run/data_checks.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller::classify {
namespace {

using checker::Verdict;
namespace weak = checker::weak;

// Sources of what implies what: checker/weak/levels.h; checker/isolation/levels.h.
Ladder registers() {
  constexpr std::string_view kModel = "register";
  return Ladder({{kModel, "linearizable", {"sequential", "convergent"}},
                 {kModel, "sequential", {"causal-convergence", "causal-memory"}},
                 {kModel, "causal-memory", {"weak-causal", "pram"}},
                 {kModel, "causal-convergence", {"weak-causal", "monotonic-reads"}},
                 {kModel, "weak-causal", {"read-your-writes", "monotonic-writes", "writes-follow-reads"}},
                 {kModel, "pram", {"read-your-writes", "monotonic-reads", "monotonic-writes"}},
                 {kModel, "read-your-writes"},
                 {kModel, "monotonic-reads"},
                 {kModel, "monotonic-writes"},
                 {kModel, "writes-follow-reads"},
                 {kModel, "convergent"}});
}

Ladder transactions(std::string_view model) {
  return Ladder({{model, "strict-serializable", {"strong-session-serializable"}},
                 {model, "strong-session-serializable", {"serializable", "causal"}},
                 {model, "serializable", {"snapshot-isolation"}},
                 {model, "snapshot-isolation", {"read-atomic"}},
                 {model, "causal", {"read-atomic"}},
                 {model, "read-atomic", {"read-committed"}},
                 {model, "read-committed", {"read-uncommitted"}},
                 {model, "read-uncommitted"}});
}

Ladder sets() {
  return Ladder({{"set", "linearizable", {"sequential", "immediate"}},
                 {"set-full", "immediate", {"last-read", "eventual"}},
                 {"set", "sequential"},
                 {"set-full", "last-read"},
                 {"set-full", "eventual"}});
}

Ladder by_level(std::string_view model) {
  if (model == "siblings") return Ladder({{model, "converged", {"survives"}}, {model, "survives"}});
  if (model == "counter")
    return Ladder({{model, "linearizable", {"sequential", "bounds"}},
                   {model, "bounds", {"final"}},
                   {model, "sequential"},
                   {model, "final"}});
  if (model == "total-queue")
    return Ladder({{model, "exactly-once", {"at-least-once", "at-most-once"}},
                   {model, "at-least-once"},
                   {model, "at-most-once"}});
  if (model == "log") return Ladder({{model, "delivered", {"linearizable"}}, {model, "linearizable"}});
  if (model == "cas-register") return Ladder({{model, "linearizable", {"sequential"}}, {model, "sequential"}});
  const auto kind = checker::find_model(model);
  return Ladder({{model, kind ? (*kind)->levels.front() : std::string_view()}});
}

Verdict verdict_of(checker::Linearizable answer) {
  if (answer == checker::Linearizable::yes) return Verdict::pass;
  return answer == checker::Linearizable::no ? Verdict::violated : Verdict::undecided;
}

// Answers one rung after the other.
class Climb {
 public:
  Climb(const Ladder& ladder, const checker::History& history, std::span<const model::FaultWindow> faults)
      : ladder_(ladder), history_(history), faults_(faults) {}

  Result<std::vector<LevelFinding>> run() {
    for (const Rung& rung : ladder_.rungs()) {
      auto finding = answer(rung);
      if (!finding) return failure(std::move(finding).error());
      findings_.push_back(std::move(*finding));
    }
    return std::move(findings_);
  }

 private:
  Result<LevelFinding> answer(const Rung& rung) {
    LevelFinding finding{.level = std::string(rung.level)};
    const bool follows = std::any_of(findings_.begin(), findings_.end(), [&](const LevelFinding& known) {
      return known.is(Verdict::pass) && ladder_.implies(known.level, rung.level);
    });
    if (follows) {
      finding.verdict = Verdict::pass;
      return finding;
    }
    // The levels of registers between the guarantees of a session and linearizable are judged together, once.
    if (const auto level = weak::level_of(rung.level); level && rung.model == "register" && !findings_.empty()) {
      if (auto judged = judge_registers(); !judged) return failure(std::move(judged).error());
      finding.verdict =
          verdict_of(registers_->answers[static_cast<std::size_t>(*level)].value_or(checker::Linearizable::unknown));
      if (finding.verdict != Verdict::violated || !is_own_failure(*level)) return finding;
    }
    return check(rung, std::move(finding));
  }

  Result<LevelFinding> check(const Rung& rung, LevelFinding finding) const {
    const auto kind = checker::find_model(rung.model);
    if (!kind) return failure(kind.error());
    checker::Request request;
    request.level = std::string(rung.level);
    request.faults = faults_;
    auto result = checker::check(history_, **kind, request);
    if (!result) return failure(std::move(result).error());
    finding.verdict = result->verdict;
    if (finding.verdict == Verdict::pass) return finding;
    finding.summary = std::move(result->summary);
    finding.counterexample = std::move(result->counterexample);
    return finding;
  }

  Status judge_registers() {
    if (registers_) return {};
    std::vector<std::uint32_t> all(history_.operations.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    const checker::Budget budget;
    auto judged = weak::judge({.history = history_, .operations = all, .initial = checker::Value{}, .budget = budget});
    if (!judged) return failure(std::move(judged).error());
    registers_ = std::move(*judged);
    return {};
  }

  // Whether the level fails by itself, and not because a weaker one does: only then its proof is its own.
  bool is_own_failure(weak::Level level) const {
    return std::any_of(registers_->failures.begin(), registers_->failures.end(),
                       [&](const weak::Failure& failure) { return failure.level == level; });
  }

  const Ladder& ladder_;
  const checker::History& history_;
  std::span<const model::FaultWindow> faults_;
  std::optional<weak::Judgement> registers_;
  std::vector<LevelFinding> findings_;
};

}  // namespace

Ladder Ladder::of(const model::Experiment& experiment) {
  const std::string_view model = model_of(experiment.workload());
  const bool siblings = experiment.target().quorum().mode() == model::QUORUM_MODE_SIBLINGS;
  if (model == "register") return siblings ? by_level("siblings") : registers();
  if (model == "list-append" || model == "rw-register") return transactions(model);
  return model == "set" ? sets() : by_level(model);
}

bool Ladder::implies(std::string_view strong, std::string_view weak) const {
  if (strong == weak) return true;
  const auto rung = std::find_if(rungs_.begin(), rungs_.end(), [&](const Rung& each) { return each.level == strong; });
  return rung != rungs_.end() && std::any_of(rung->implies.begin(), rung->implies.end(),
                                             [&](std::string_view below) { return implies(below, weak); });
}

bool Ladder::starts_linearizable() const {
  const std::string_view first = rungs_.front().level;
  return first == "linearizable" || first == "strict-serializable" || first == "delivered";
}

Result<std::vector<LevelFinding>> judge_history(const Ladder& ladder, const checker::History& history,
                                                std::span<const model::FaultWindow> faults) {
  return Climb(ladder, history, faults).run();
}

}  // namespace fracas::controller::classify
