#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/gate/baseline.h"
#include "controller/gate/compare.h"
#include "controller/report/run_record.h"

// A release gate: experiments run several times, judged by their checks and against a baseline.
namespace fracas::controller {

struct GateOptions {
  unsigned runs = 3;           // of each experiment
  unsigned control = 3;        // of each without its faults; 0: none
  bool control_first = false;  // runs with faults are held against it; otherwise they come first, because they may fail
  unsigned retries = 4;        // further runs of an experiment for what is undecided
  CompareOptions compare;
  const Baseline* baseline = nullptr;  // null: nothing is compared
};

// One experiment to be held against the gate.
struct GateSubject {
  std::string name;
  std::string file;  // where it stands, for annotations
  std::uint32_t line = 1;
};

enum class Arm : std::uint8_t { faults, control };

struct GateRun {
  Arm arm = Arm::faults;
  std::uint64_t seed = 0;
  Outcome outcome = Outcome::could_not_run;
  int exit_code = 0;
  std::string reason;

  // A control run has no fault that a violation could be expected of.
  bool as_expected() const { return exit_code == 0 || (arm == Arm::control && outcome == Outcome::pass); }
};

struct ArmComparison {
  Arm arm = Arm::faults;
  Comparison comparison;
};

// How an experiment came out at the gate.
struct GateResult {
  GateSubject subject;
  Outcome outcome = Outcome::pass;  // violated also for what got worse; undecided also for what may have
  std::string reason;               // one sentence
  std::vector<GateRun> runs;
  Arms measured;
  std::vector<ArmComparison> comparisons;  // of every metric that both have
};

// Plays the n-th run of an arm, from 0. Nothing: the gate was asked to stop.
using PlayRun = std::function<std::optional<RunRecord>(Arm arm, unsigned number)>;

// Runs the experiment as often as it takes, at most runs + retries and control times, and judges. The first run that is
// not what the experiment expects settles it, but for one whose checks are undecided, which is played again.
GateResult hold_against_gate(const GateSubject& subject, const GateOptions& options, const PlayRun& play);

// The exit code of all: what must not be overlooked first; 0 only where every experiment passed, and there was one.
int exit_code(const std::vector<GateResult>& results);

}  // namespace fracas::controller
