#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "controller/cli/commands.h"
#include "controller/cli/reading.h"
#include "controller/cli/signals.h"
#include "controller/hunt/bug_benchmark.h"
#include "controller/report/run_record.h"

namespace fracas::controller {
namespace {

std::string cell(const BugHunt& hunt) {
  if (!hunt.found) return fmt::format("not in {} ({:.1f} s)", hunt.universes, hunt.seconds);
  return fmt::format("{} ({:.2f} s), {}", hunt.universes, hunt.seconds, hunt.check);
}

void print_row(const BugResult& result) {
  fmt::print("| {} | {} | {} | {} |\n", result.bug.name, result.bug.found, cell(result.generic), cell(result.focused));
  std::fflush(stdout);
}

void list_bugs() {
  for (const raft::BugEntry& bug : raft::bug_catalogue())
    fmt::print("{}\n  breaks  {}\n  needs   {}\n  found   {}\n  source  {}\n\n", bug.name, bug.breaks, bug.needs,
               bug.found, bug.source);
}

// Exit code 0: nothing that should pass failed.
int print_soundness(const BugBenchmarkOptions& options, std::uint64_t universes) {
  const auto sound = benchmark_soundness(options, universes);
  if (!sound) return bad_input(sound.error());
  fmt::print("\nWithout a bug: {} of {} universes pass, {} vacuous, in {:.0f} s.\n", sound->passed, sound->universes,
             sound->vacuous, sound->seconds);
  if (sound->first_failure.empty()) return 0;
  fmt::print("First failure: {}\n", sound->first_failure);
  return static_cast<int>(Outcome::violated);
}

}  // namespace

int bugs_command(const BugsCommand& command) {
  if (command.list) {
    list_bugs();
    return 0;
  }
  Signals signals;
  BugBenchmarkOptions options;
  options.experiments = command.experiments;
  options.names = command.names;
  options.universes_max = command.universes;
  if (command.time) options.time_max = *command.time;
  options.jobs = command.jobs > 0 ? command.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.stop = [&signals] { return signals.caught(); };
  fmt::print(
      "| bug | seen by | generic nemesis: universes (seconds), check | focused: universes (seconds), check |\n"
      "|---|---|---|---|\n");
  bool all_found = true;
  const auto learn = [&all_found](const BugResult& result) {
    print_row(result);
    all_found = all_found && result.focused.found;
  };
  if (auto done = benchmark_bugs(options, learn); !done) return bad_input(done.error());
  int exit_code = command.sound > 0 ? print_soundness(options, command.sound) : 0;
  if (exit_code == 0 && !all_found) exit_code = static_cast<int>(Outcome::violated);
  if (signals.caught()) exit_code = static_cast<int>(Outcome::aborted);
  return exit_code;
}

}  // namespace fracas::controller
