#include "controller/classify/conclude.h"

#include <algorithm>
#include <map>
#include <utility>

#include "lib/base/median.h"

namespace fracas::controller::classify {
namespace {

using checker::Verdict;

constexpr double kGoesOn = 0.95;
constexpr double kRefuses = 0.05;
// An answer that waits for at least this many round trips waits for somebody.
constexpr double kWaits = 0.5;

std::vector<LevelSummary> summarise_levels(const Ladder& ladder, std::span<const Measured> runs,
                                           const std::string& trial = {}) {
  std::vector<LevelSummary> levels;
  for (const Rung& rung : ladder.rungs()) {
    LevelSummary level{.level = std::string(rung.level)};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (!trial.empty() && runs[i].trial != trial) continue;
      const auto found = std::ranges::find(runs[i].levels, level.level, &LevelFinding::level);
      if (found == runs[i].levels.end()) continue;
      if (found->is(Verdict::pass)) ++level.held;
      if (found->is(Verdict::undecided)) ++level.undecided;
      if (!found->is(Verdict::violated)) continue;
      ++level.broken;
      // The first run, but rather one that has a proof.
      if (!level.broken_by ||
          (found->counterexample && !runs[*level.broken_by].levels.empty() &&
           !std::ranges::find(runs[*level.broken_by].levels, level.level, &LevelFinding::level)->counterexample))
        level.broken_by = i;
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

bool holds(const LevelSummary& level) {
  return level.held > 0 && level.broken == 0 && level.undecided == 0;
}

std::vector<std::string> strongest(const Ladder& ladder, const std::vector<LevelSummary>& levels) {
  std::vector<std::string> names;
  for (const LevelSummary& level : levels) {
    const bool said = std::any_of(names.begin(), names.end(),
                                  [&](const std::string& above) { return ladder.implies(above, level.level); });
    if (holds(level) && !said) names.push_back(level.level);
  }
  return names;
}

std::vector<std::string> weakest_broken(const Ladder& ladder, const std::vector<LevelSummary>& levels) {
  std::vector<std::string> names;
  for (const LevelSummary& level : levels) {
    const bool by_another = std::any_of(levels.begin(), levels.end(), [&](const LevelSummary& below) {
      return below.level != level.level && below.broken > 0 && ladder.implies(level.level, below.level);
    });
    if (level.broken > 0 && !by_another) names.push_back(level.level);
  }
  return names;
}

void add_sides(std::vector<SideNumbers>& sum, const std::vector<SideNumbers>& sides) {
  if (sum.empty()) {
    sum = sides;
    return;
  }
  for (std::size_t i = 0; i < sides.size(); ++i)
    for (std::size_t access = 0; access < 2; ++access) sum[i].answers[access] += sides[i].answers[access];
}

TrialSummary summarise(const Ladder& ladder, const Trial& trial, std::span<const Measured> runs) {
  TrialSummary summary{.trial = trial,
                       .runs = 0,
                       .operations = 0,
                       .access = {},
                       .sides = {},
                       .strongest = {},
                       .weakest = {},
                       .lacking = {}};
  std::array<std::vector<double>, 2> p50, p99;
  for (const Measured& run : runs) {
    if (run.trial != trial.name) continue;
    if (!run.counts()) {
      if (summary.lacking.empty()) summary.lacking = run.reason;
      continue;
    }
    ++summary.runs;
    summary.operations += run.operations;
    add_sides(summary.sides, run.sides);
    for (std::size_t i = 0; i < 2; ++i) {
      summary.access[i].answers += run.access[i].answers;
      if (run.access[i].answers.answered == 0) continue;
      p50[i].push_back(run.access[i].latency.p50_ms);
      p99[i].push_back(run.access[i].latency.p99_ms);
    }
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (p50[i].empty()) continue;
    summary.access[i].p50_ms = median(p50[i]);
    summary.access[i].p99_ms = median(p99[i]);
  }
  const auto levels = summarise_levels(ladder, runs, trial.name);
  summary.strongest = strongest(ladder, levels);
  summary.weakest = weakest_broken(ladder, levels);
  return summary;
}

bool cuts(const Trial& trial) {
  return trial.stress == Stress::partition || trial.stress == Stress::isolation;
}

// Whether the ladder's first level, linearizable, held in every run that cut the network.
bool split_holds(const Ladder& ladder, const std::vector<TrialSummary>& trials) {
  if (!ladder.starts_linearizable()) return false;
  const std::string first(ladder.rungs().front().level);
  bool seen = false;
  for (const TrialSummary& each : trials) {
    if (!cuts(each.trial) || each.runs == 0) continue;
    seen = true;
    if (std::ranges::find(each.strongest, first) == each.strongest.end()) return false;
  }
  return seen;
}

bool split_breaks(const std::vector<TrialSummary>& trials) {
  return std::any_of(trials.begin(), trials.end(),
                     [](const TrialSummary& each) { return cuts(each.trial) && !each.weakest.empty(); });
}

Cap cap_of(const Ladder& ladder, const std::vector<TrialSummary>& trials, bool linearizable) {
  bool partitioned = false, all_go_on = true;
  for (const TrialSummary& each : trials)
    for (const SideNumbers& side : each.sides) {
      partitioned = true;
      for (const Answers& answers : side.answers) all_go_on = all_go_on && behaviour_of(answers) == Behaviour::goes_on;
    }
  if (!partitioned) return Cap::unclear;
  if (linearizable) return all_go_on ? Cap::unclear : Cap::consistent;
  // Models that keep what both sides wrote do not ask for one copy at all: there, going on is diverging.
  if (all_go_on) return split_breaks(trials) || !ladder.starts_linearizable() ? Cap::available : Cap::unclear;
  return split_breaks(trials) ? Cap::neither : Cap::unclear;
}

const TrialSummary* find(const std::vector<TrialSummary>& trials, Stress stress, bool weakest) {
  const auto found = std::find_if(trials.begin(), trials.end(), [&](const TrialSummary& each) {
    return each.trial.stress == stress && each.trial.weakest == weakest && each.runs > 0;
  });
  return found == trials.end() ? nullptr : &*found;
}

std::array<Wait, 2> waits(const std::vector<TrialSummary>& trials, bool weakest) {
  std::array<Wait, 2> result;
  const TrialSummary* quick = find(trials, Stress::none, weakest);
  const TrialSummary* slow = find(trials, Stress::delay, weakest);
  for (std::size_t i = 0; i < 2; ++i) {
    if (quick == nullptr || quick->access[i].answers.answered == 0) continue;
    result[i].p50_ms = quick->access[i].p50_ms;
    if (slow == nullptr || slow->access[i].answers.answered == 0) continue;
    result[i].round_trips = std::max(0.0, slow->access[i].p50_ms - quick->access[i].p50_ms) / (2 * kDelayMs);
  }
  return result;
}

Pacelc pacelc_of(const std::array<Wait, 2>& waits) {
  bool known = false;
  for (const Wait& wait : waits) {
    if (!wait.round_trips) continue;
    known = true;
    if (*wait.round_trips >= kWaits) return Pacelc::consistency;
  }
  return known ? Pacelc::latency : Pacelc::unclear;
}

}  // namespace

Behaviour behaviour_of(const Answers& answers) {
  if (answers.share() >= kGoesOn) return Behaviour::goes_on;
  return answers.share() <= kRefuses ? Behaviour::refuses : Behaviour::in_part;
}

Classification conclude(const Ladder& ladder, std::span<const Trial> trials, std::span<const Measured> runs) {
  Classification result;
  for (const Trial& trial : trials) {
    result.trials.push_back(summarise(ladder, trial, runs));
    result.has_weakest = result.has_weakest || trial.weakest;
  }
  result.levels = summarise_levels(ladder, runs);
  result.strongest = strongest(ladder, result.levels);
  result.broken = weakest_broken(ladder, result.levels);
  result.split_linearizable = split_holds(ladder, result.trials);
  result.cap = cap_of(ladder, result.trials, result.split_linearizable);
  result.own = waits(result.trials, false);
  if (result.has_weakest) result.weakest = waits(result.trials, true);
  result.pacelc = pacelc_of(result.own);
  return result;
}

}  // namespace fracas::controller::classify
