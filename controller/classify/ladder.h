#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/history/history.h"
#include "checker/verdict.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"

// The consistency models that the histories of a workload can be held against, and which of them say more than which.
namespace fracas::model {
class Experiment;
}  // namespace fracas::model

namespace fracas::controller::classify {

// One model: a level of a data type of checker/catalogue.h.
struct Rung {
  std::string_view model;
  std::string_view level;
  std::vector<std::string_view> implies = {};  // levels of this ladder that it says more than, directly
};

// The rungs of one data type, each behind those that imply it.
class Ladder {
 public:
  explicit Ladder(std::vector<Rung> rungs) : rungs_(std::move(rungs)) {}

  // Of what the experiment's workload does to its target.
  static Ladder of(const model::Experiment& experiment);

  std::span<const Rung> rungs() const { return rungs_; }
  // Does the level `strong` say all that `weak` does? Every level implies itself.
  bool implies(std::string_view strong, std::string_view weak) const;
  // Whether its first rung is that of one copy in real time: what a consistent system is held against under partition.
  bool starts_linearizable() const;

 private:
  std::vector<Rung> rungs_;  // never empty
};

// What a history says of one model.
struct LevelFinding {
  std::string level;
  checker::Verdict verdict = checker::Verdict::undecided;
  std::string summary = {};                                    // one sentence: of what is violated or undecided
  std::optional<checker::Counterexample> counterexample = {};  // of what is violated, where one was found

  bool is(checker::Verdict asked) const { return verdict == asked; }
};

// Every rung, in the ladder's order. What follows from the answer for another rung is not looked for again: weaker
// models of one that holds hold. `faults` serve to say in which of them a violation fell.
// ERRORS: an operation that is not of the model.
Result<std::vector<LevelFinding>> judge_history(const Ladder& ladder, const checker::History& history,
                                                std::span<const model::FaultWindow> faults);

}  // namespace fracas::controller::classify
