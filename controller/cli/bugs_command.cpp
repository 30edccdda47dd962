#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "controller/cli/commands.h"
#include "controller/cli/signals.h"
#include "controller/hunt/bug_benchmark.h"
#include "controller/hunt/hunt.h"
#include "controller/reading/reading.h"
#include "controller/run/runner.h"
#include "lib/base/text.h"

namespace fracas::controller {
namespace {

constexpr const char* kHead =
    R"(# The bugs of the bundled stores, and how soon each is found

Written by `fracas bugs`. Every bug is one switch of a bundled store (`targets/raft/bugs.toml` and
`targets/quorum/bugs.toml` say what it breaks, what exposes it, and where it comes from; so does `fracas bugs --list`).
**Generic** are all experiments of `experiments/nemesis` that are made for the store, a universe of each in turn: they know
nothing of the bug. **Focused** is the bug's own canary in `experiments/canary`. Both run in simulated universes. The
numbers are medians of several hunts from different seeds: universes until the first violation, and seconds of one
processor. **Shrunk** is what `--shrink` leaves of the first violation (of the generic hunts, where they found one).
**Lab** is the canary on real processes, a run after the other until one finds the bug.

)";

std::string cell(const BugHunts& hunts) {
  if (hunts.found == 0) return fmt::format("not found ({} hunts)", hunts.hunts);
  const std::string times = fmt::format("{} in {:.2g} s, {}", hunts.universes, hunts.seconds, hunts.check);
  if (hunts.found == hunts.hunts) return times;
  return fmt::format("{} ({} of {} hunts)", times, hunts.found, hunts.hunts);
}

std::string cell(const std::optional<Shrunk>& shrunk) {
  if (!shrunk) return "-";
  return fmt::format("{}, {}, {}, {}", counted(shrunk->faults, "fault"), counted(shrunk->nodes, "node"),
                     counted(shrunk->clients, "client"), counted(shrunk->operations, "operation"));
}

std::string cell(const LabHunt& hunt) {
  if (hunt.runs == 0) return "-";
  if (!hunt.found) return fmt::format("not in {} ({:.0f} s)", hunt.runs, hunt.seconds);
  return fmt::format("run {} ({:.0f} s), {}", hunt.runs, hunt.seconds, hunt.check);
}

void print_row(const BugResult& result) {
  fmt::print("| {} | {} | {} | {} | {} | {} | {} |\n", result.bug.target, result.bug.name, result.bug.found,
             cell(result.generic), cell(result.focused), cell(result.shrunk), cell(result.lab));
  std::fflush(stdout);
}

void list_bugs() {
  for (const node::BugEntry& bug : bug_catalogue())
    fmt::print("{} ({})\n  breaks  {}\n  needs   {}\n  found   {}\n  source  {}\n\n", bug.name, bug.target, bug.breaks,
               bug.needs, bug.found, bug.source);
}

// What the rows come to, and how they were made.
void print_sum(const std::vector<BugResult>& results, const BugBenchmarkOptions& options) {
  std::vector<double> seconds;
  std::size_t focused = 0, small = 0, shrunk = 0;
  for (const BugResult& result : results) {
    if (result.generic.found > 0) seconds.push_back(result.generic.seconds);
    if (result.focused.found > 0) ++focused;
    if (!result.shrunk) continue;
    ++shrunk;
    if (result.shrunk->faults <= 3 && result.shrunk->operations <= 30) ++small;
  }
  std::ranges::sort(seconds);
  fmt::print("\nOf {}, {} are found by the generic experiments", counted(results.size(), "bug"), seconds.size());
  if (!seconds.empty())
    fmt::print(" (half of them within {:.2g} s of one processor, all within {:.2g} s)",
               seconds[(seconds.size() - 1) / 2], seconds.back());
  fmt::print(" and {} by their own.", focused);
  if (shrunk > 0) fmt::print(" Of {} that were shrunk, {} have at most 3 faults and 30 operations.", shrunk, small);
  fmt::print(" Each number is of {} of at most {} on {}, and {} for shrinking.\n", counted(options.hunts, "hunt"),
             describe_duration(options.time_max), counted(options.jobs, "processor"),
             describe_duration(options.shrink_time_max));
}

// Exit code 0: each hunt with a bug's own experiment found it.
int print_hunts(const BugBenchmarkOptions& options) {
  fmt::print("{}| store | bug | seen by | generic | focused | shrunk | lab |\n|---|---|---|---|---|---|---|\n", kHead);
  std::vector<BugResult> results;
  const auto learn = [&](const BugResult& result) {
    print_row(result);
    results.push_back(result);
  };
  if (auto done = benchmark_bugs(options, learn); !done) return bad_input(done.error());
  print_sum(results, options);
  const bool all =
      std::ranges::all_of(results, [](const auto& each) { return each.focused.found == each.focused.hunts; });
  return all ? 0 : static_cast<int>(Outcome::violated);
}

// Exit code 0: nothing that should pass failed.
int print_soundness(const BugBenchmarkOptions& options, std::uint64_t universes) {
  fmt::print(
      "\n## No bug\n\n"
      "The same hunts in the same experiments, and in those of `experiments/raft` and `experiments/quorum`, without a "
      "bug: every\nuniverse must keep every check. \"Nothing met\" are those of them in which one of the faults met "
      "nothing to act on.\n\n"
      "| experiment | universes | violated | undecided | nothing met | took |\n|---|---|---|---|---|---|\n");
  std::vector<std::string> failures;
  std::uint64_t all = 0, kept = 0, undecided = 0;
  const auto learn = [&](const SoundResult& sound) {
    fmt::print("| {} | {} | {} | {} | {} | {:.0f} s |\n", sound.experiment, sound.universes,
               sound.first_failure.empty() ? 0 : 1, sound.undecided, sound.vacuous, sound.seconds);
    std::fflush(stdout);
    all += sound.universes;
    kept += sound.passed + sound.vacuous;
    undecided += sound.undecided;
    if (!sound.first_failure.empty()) failures.push_back(sound.experiment + ", " + sound.first_failure);
  };
  if (auto done = benchmark_soundness(options, universes, learn); !done) return bad_input(done.error());
  fmt::print("\n{} of {} universes keep every check", kept, all);
  fmt::print("{}.\n", undecided > 0 ? fmt::format("; {} are undecided", undecided) : "");
  for (const std::string& failure : failures) fmt::print("\nViolated: {}\n", failure);
  return failures.empty() ? 0 : static_cast<int>(Outcome::violated);
}

// What the runs in the lab leave is not kept: the seed repeats them.
RunRecord run_in_lab(const model::ExperimentFile& file, std::uint64_t seed, Signals& signals) {
  RunRecord record;
  const auto timeline = plan_run(file, seed);
  if (!timeline) {
    record.outcome = Outcome::could_not_run;
    record.reason = timeline.error().message;
    return record;
  }
  const auto directory = std::filesystem::temp_directory_path() / fmt::format("fracas-bugs-{}", ::getpid());
  Abort abort;
  signals.aim(&abort);
  Progress progress(Progress::Style::quiet);
  record = run_experiment(
      {.file = file, .timeline = *timeline, .directory = directory, .abort = abort, .progress = progress});
  signals.aim(nullptr);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  if (record.outcome != Outcome::violated)
    fmt::print(stderr, "fracas bugs: {}, seed {}, in the lab: {}\n", record.name, seed, record.reason);
  return record;
}

}  // namespace

int bugs_command(const BugsCommand& command) {
  if (command.list) {
    list_bugs();
    return 0;
  }
  if (command.lab > 0 && ::geteuid() != 0) {
    fmt::print(stderr, "fracas bugs: the lab needs root: it makes network namespaces, cgroups and BPF programs\n");
    return static_cast<int>(Outcome::could_not_run);
  }
  Signals signals;
  keep_memory();
  BugBenchmarkOptions options;
  options.experiments = command.experiments;
  options.names = command.names;
  options.hunts = command.hunts;
  options.universes_max = command.universes;
  if (command.time) options.time_max = *command.time;
  options.jobs = command.jobs > 0 ? command.jobs : std::max(1U, std::thread::hardware_concurrency());
  if (command.shrink_time) options.shrink_time_max = *command.shrink_time;
  options.lab_runs = command.lab;
  if (command.lab_time) options.lab_time_max = *command.lab_time;
  options.run_in_lab = [&signals](const auto& file, std::uint64_t seed) { return run_in_lab(file, seed, signals); };
  options.stop = [&signals] { return signals.caught(); };
  int exit_code = command.hunts > 0 ? print_hunts(options) : 0;
  if (command.sound > 0) exit_code = std::max(exit_code, print_soundness(options, command.sound));
  if (signals.caught()) exit_code = static_cast<int>(Outcome::aborted);
  return exit_code;
}

}  // namespace fracas::controller
