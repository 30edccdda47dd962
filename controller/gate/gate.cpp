#include "controller/gate/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fracas::controller {
namespace {

class Holding {
 public:
  Holding(const GateSubject& subject, const GateOptions& options, const PlayRun& play)
      : options_(options), play_(play) {
    result_.subject = subject;
  }

  GateResult go() {
    for (const Arm arm :
         {options_.control_first ? Arm::control : Arm::faults, options_.control_first ? Arm::faults : Arm::control}) {
      const unsigned runs = arm == Arm::faults ? options_.runs : options_.control;
      for (unsigned i = 0; i < runs && open(); ++i) again(arm);
    }
    compare_all();
    for (unsigned i = 0; i < options_.retries && open() && result_.outcome == Outcome::undecided; ++i) {
      result_.outcome = Outcome::pass;
      again(undecided_arm());
      compare_all();
    }
    if (result_.reason.empty()) result_.reason = passed();
    return std::move(result_);
  }

 private:
  bool open() const { return !settled_; }

  void again(Arm arm) {
    const auto record = play_(arm, numbers_[static_cast<std::size_t>(arm)]++);
    if (!record) return settle(Outcome::aborted, "the gate was stopped");
    result_.runs.push_back({.arm = arm,
                            .seed = record->seed,
                            .outcome = record->outcome,
                            .exit_code = record->exit_code(),
                            .reason = record->reason});
    if (result_.runs.back().as_expected()) {
      (arm == Arm::faults ? result_.measured.faults : result_.measured.control).push_back(measure(*record));
    } else if (record->outcome != Outcome::undecided) {
      settle(unexpected(*record), fmt::format("seed {}: {}", record->seed, record->reason));
    }
  }

  // A canary that passes is no pass.
  static Outcome unexpected(const RunRecord& record) {
    return record.outcome == Outcome::pass ? Outcome::violated : record.outcome;
  }

  void settle(Outcome outcome, std::string reason) {
    settled_ = true;
    result_.outcome = outcome;
    result_.reason = std::move(reason);
  }

  void compare_all() {
    if (settled_) return;
    result_.comparisons.clear();
    result_.reason.clear();
    if (result_.measured.faults.size() < options_.runs) {
      result_.outcome = Outcome::undecided;
      result_.reason = "the checks of a run are undecided";
    }
    if (options_.baseline == nullptr) return;
    const auto before = options_.baseline->find(result_.subject.name);
    if (before == options_.baseline->end()) return;
    compare_arm(Arm::faults, before->second.faults, result_.measured.faults);
    compare_arm(Arm::control, before->second.control, result_.measured.control);
    judge();
  }

  void compare_arm(Arm arm, const std::vector<Measured>& before, const std::vector<Measured>& now) {
    for (const Metric metric : kMetrics) {
      const std::vector<double> old_values = column(before, metric);
      const std::vector<double> new_values = column(now, metric);
      if (old_values.empty() || new_values.empty()) continue;
      result_.comparisons.push_back({arm, compare(metric, old_values, new_values, options_.compare)});
    }
  }

  void judge() {
    for (const Change change : {Change::worse, Change::undecided}) {
      const auto found = std::ranges::find_if(
          result_.comparisons, [change](const ArmComparison& each) { return each.comparison.change == change; });
      if (found == result_.comparisons.end()) continue;
      result_.outcome = change == Change::worse ? Outcome::violated : Outcome::undecided;
      result_.reason = fmt::format("{}{}: {}", change == Change::worse ? "worse than the baseline" : "perhaps worse",
                                   found->arm == Arm::control ? ", without faults" : "", found->comparison.text());
      return;
    }
  }

  // Which arm the next run is to tell more about.
  Arm undecided_arm() const {
    const auto found = std::ranges::find_if(
        result_.comparisons, [](const ArmComparison& each) { return each.comparison.change == Change::undecided; });
    return found == result_.comparisons.end() ? Arm::faults : found->arm;
  }

  std::string passed() const {
    std::string text = fmt::format("{} runs as expected", result_.measured.faults.size());
    if (options_.baseline == nullptr) return text;
    return text + (result_.comparisons.empty() ? "; the baseline does not know it" : ", none worse than the baseline");
  }

  const GateOptions& options_;
  const PlayRun& play_;
  GateResult result_;
  bool settled_ = false;
  std::array<unsigned, 2> numbers_{};
};

}  // namespace

GateResult hold_against_gate(const GateSubject& subject, const GateOptions& options, const PlayRun& play) {
  return Holding(subject, options, play).go();
}

int exit_code(const std::vector<GateResult>& results) {
  if (results.empty()) return static_cast<int>(Outcome::vacuous);
  int worst = 0;
  for (const GateResult& each : results) worst = worse_exit_code(worst, static_cast<int>(each.outcome));
  return worst;
}

}  // namespace fracas::controller
