#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <optional>

#include "controller/cli/commands.h"
#include "controller/cli/reading.h"
#include "controller/cli/signals.h"
#include "controller/report/summary.h"
#include "controller/run/runner.h"
#include "controller/sim/simulate.h"
#include "controller/target/target.h"
#include "controller/world/waiting.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

// One experiment with one seed, read and planned: everything that can be wrong with it is known before the first run.
struct PlannedRun {
  const model::ExperimentFile* file;
  Timeline timeline;
};

// Of several runs' exit codes the one that must not be overlooked.
int worse(int a, int b) {
  constexpr std::array<int, 8> kBySeverity{0, 2, 3, 4, 5, 1, 6, 7};
  const auto rank = [&](int code) { return std::find(kBySeverity.begin(), kBySeverity.end(), code); };
  return rank(a) < rank(b) ? b : a;
}

std::filesystem::path run_directory(const RunCommand& command, const std::string& name, std::size_t number,
                                    std::size_t count) {
  std::filesystem::path base = command.out;
  if (command.out.empty()) {
    base = std::filesystem::path("fracas-runs") /
           fmt::format("{}-{:%Y%m%d-%H%M%S}-{}", name, fmt::localtime(std::time(nullptr)), ::getpid());
  }
  return count == 1 ? base : base / fmt::format("{:03}-{}", number + 1, name);
}

bool is_simulated(const PlannedRun& planned) {
  return planned.file->experiment().world().kind() == model::WORLD_KIND_SIM;
}

int report(const RunRecord& record, const std::filesystem::path& directory) {
  const std::filesystem::path page = directory / "report.html";
  fmt::print("{}", summary(record, {.colour = ::isatty(STDOUT_FILENO) == 1,
                                    .report_path = std::filesystem::exists(page) ? page.string() : ""}));
  std::fflush(stdout);
  return record.exit_code();
}

int run_one(const PlannedRun& planned, const std::filesystem::path& directory, bool quiet, Signals& signals) {
  const model::Experiment& experiment = planned.file->experiment();
  if (is_simulated(planned)) return report(simulate_into(directory, experiment, planned.timeline), directory);
  Abort abort;
  signals.aim(&abort);
  const std::int64_t deadline_ns = os::boot_now_ns() + model::from_proto(experiment.duration_max()).count();
  std::jthread bound([&abort, deadline_ns](const std::stop_token& stopping) {
    if (sleep_until(deadline_ns, stopping)) abort.ask("duration_max is over");
  });
  std::optional<Progress> progress;
  progress.emplace(quiet ? Progress::Style::quiet : Progress::fitting_style());
  progress->note(fmt::format("{}, seed {}, {} in all", experiment.name(), planned.timeline.seed,
                             describe_duration(planned.timeline.total())));
  const RunRecord record = run_experiment({.file = *planned.file,
                                           .timeline = planned.timeline,
                                           .directory = directory,
                                           .abort = abort,
                                           .progress = *progress});
  progress.reset();
  signals.aim(nullptr);
  return report(record, directory);
}

// The runs of one experiment, behind those before.
Status plan_runs(const model::ExperimentFile& file, const RunCommand& command, std::vector<PlannedRun>& runs) {
  const std::uint64_t first = choose_seed(file, command.seed);
  for (unsigned i = 0; i < command.repeat; ++i) {
    auto timeline = plan_run(file, first + i);
    if (!timeline) return failure(std::move(timeline).error());
    runs.push_back({&file, std::move(*timeline)});
  }
  return {};
}

}  // namespace

int run_command(const RunCommand& command) {
  std::vector<std::vector<model::ExperimentFile>> files;
  std::vector<PlannedRun> runs;
  int exit_code = 0;
  std::vector<std::string> overrides = command.overrides;
  choose_world(command.world, overrides);
  for (const std::string& name : command.files) {
    auto read = read_experiment_files(name, overrides);
    if (!read) {
      exit_code = bad_input(read.error());
      continue;
    }
    files.push_back(std::move(*read));
    for (const model::ExperimentFile& file : files.back())
      if (auto planned = plan_runs(file, command, runs); !planned) exit_code = bad_input(planned.error());
  }
  if (exit_code != 0) return exit_code;
  for (const PlannedRun& run : runs) {
    const auto here = is_simulated(run) ? Status() : installed(run.file->experiment());
    if (here) continue;
    fmt::print(stderr, "fracas run: {}\n", here.error().message);
    return static_cast<int>(Outcome::could_not_run);
  }
  if (::geteuid() != 0 && !std::all_of(runs.begin(), runs.end(), is_simulated)) {
    fmt::print(stderr, "fracas run: the lab needs root: it makes network namespaces, cgroups and BPF programs\n");
    return static_cast<int>(Outcome::could_not_run);
  }
  Signals signals;
  for (std::size_t i = 0; i < runs.size() && !signals.caught(); ++i) {
    const auto directory = run_directory(command, runs[i].file->experiment().name(), i, runs.size());
    exit_code = worse(exit_code, run_one(runs[i], directory, command.quiet, signals));
  }
  return exit_code;
}

}  // namespace fracas::controller
