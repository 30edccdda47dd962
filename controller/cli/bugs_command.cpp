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

namespace fracas::controller {
namespace {

constexpr const char* kHead =
    "# The bugs of the bundled stores, and how soon each is found\n"
    "\n"
    "Written by `fracas bugs`. Every bug is one switch of a bundled store (`targets/raft/bugs.toml` and\n"
    "`targets/quorum/bugs.toml` say what it breaks, what exposes it, and where it comes from; so does `fracas bugs "
    "--list`).\n"
    "**Generic** is an experiment of `experiments/nemesis`, which knows nothing of the bug, **focused** its own canary "
    "in\n"
    "`experiments/canary`; both in simulated universes. The numbers are medians of several hunts from different "
    "seeds:\n"
    "universes until the first violation, and seconds of one processor. **Lab** is the canary on real processes, a run "
    "after\n"
    "the other until one finds the bug.\n"
    "\n";

std::string cell(const BugHunts& hunts) {
  if (hunts.found == 0) return fmt::format("not found ({} hunts)", hunts.hunts);
  const std::string times = fmt::format("{} in {:.2g} s, {}", hunts.universes, hunts.seconds, hunts.check);
  if (hunts.found == hunts.hunts) return times;
  return fmt::format("{} ({} of {} hunts)", times, hunts.found, hunts.hunts);
}

std::string cell(const LabHunt& hunt) {
  if (hunt.runs == 0) return "-";
  if (!hunt.found) return fmt::format("not in {} ({:.0f} s)", hunt.runs, hunt.seconds);
  return fmt::format("run {} ({:.0f} s), {}", hunt.runs, hunt.seconds, hunt.check);
}

void print_row(const BugResult& result) {
  fmt::print("| {} | {} | {} | {} | {} | {} |\n", result.bug.target, result.bug.name, result.bug.found,
             cell(result.generic), cell(result.focused), cell(result.lab));
  std::fflush(stdout);
}

void list_bugs() {
  for (const node::BugEntry& bug : bug_catalogue())
    fmt::print("{} ({})\n  breaks  {}\n  needs   {}\n  found   {}\n  source  {}\n\n", bug.name, bug.target, bug.breaks,
               bug.needs, bug.found, bug.source);
}

// Exit code 0: nothing that should pass failed.
int print_soundness(const BugBenchmarkOptions& options, std::uint64_t universes) {
  const auto all = benchmark_soundness(options, universes);
  if (!all) return bad_input(all.error());
  fmt::print(
      "\nWithout a bug, on {} processors; where a fault met nothing to act on, as a power cut that lost nothing, it "
      "is\n"
      "said behind:\n\n",
      options.jobs);
  int exit_code = 0;
  for (const SoundResult& sound : *all) {
    fmt::print("- `{}`: {} of {} universes keep every check, in {:.0f} s; {} of these with such a fault", sound.nemesis,
               sound.passed + sound.vacuous, sound.universes, sound.seconds, sound.vacuous);
    if (sound.undecided > 0) fmt::print("; {} are undecided", sound.undecided);
    fmt::print("\n");
    if (sound.first_failure.empty()) continue;
    fmt::print("  First failure: {}\n", sound.first_failure);
    exit_code = static_cast<int>(Outcome::violated);
  }
  return exit_code;
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
  options.lab_runs = command.lab;
  options.run_in_lab = [&signals](const auto& file, std::uint64_t seed) { return run_in_lab(file, seed, signals); };
  options.stop = [&signals] { return signals.caught(); };
  fmt::print("{}| store | bug | seen by | generic | focused | lab |\n|---|---|---|---|---|---|\n", kHead);
  bool all_found = true;
  const auto learn = [&all_found](const BugResult& result) {
    print_row(result);
    all_found = all_found && result.focused.found == result.focused.hunts;
  };
  if (auto done = benchmark_bugs(options, learn); !done) return bad_input(done.error());
  int exit_code = command.sound > 0 ? print_soundness(options, command.sound) : 0;
  if (exit_code == 0 && !all_found) exit_code = static_cast<int>(Outcome::violated);
  if (signals.caught()) exit_code = static_cast<int>(Outcome::aborted);
  return exit_code;
}

}  // namespace fracas::controller
