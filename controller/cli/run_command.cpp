#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "controller/cli/commands.h"
#include "controller/cli/one_run.h"
#include "controller/cli/trace_export.h"
#include "controller/reading/reading.h"
#include "controller/report/summary.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

// One experiment with one seed, read and planned: everything that can be wrong with it is known before the first run.
struct PlannedRun {
  const model::ExperimentFile* file;
  Timeline timeline;
};

std::filesystem::path run_directory(const RunCommand& command, const std::string& name, std::size_t number,
                                    std::size_t count) {
  const std::filesystem::path base = results_folder(command.out, name);
  return count == 1 ? base : base / fmt::format("{:03}-{}", number + 1, name);
}

int report(const RunRecord& record, const std::filesystem::path& directory) {
  const std::filesystem::path page = directory / "report.html";
  fmt::print("{}", summary(record, {.colour = ::isatty(STDOUT_FILENO) == 1,
                                    .report_path = std::filesystem::exists(page) ? page.string() : ""}));
  std::fflush(stdout);
  return record.exit_code();
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
  for (const PlannedRun& planned : runs)
    if (auto here = runs_here(*planned.file); !here) return could_not_run("run", here.error());
  Signals signals;
  std::unique_ptr<LiveStream> live;
  if (!command.live.empty()) {
    auto opened = LiveStream::open(command.live);
    if (!opened) return could_not_run("run", opened.error());
    live = std::move(*opened);
  }
  const Audience audience{.quiet = command.quiet, .live = live.get()};
  const auto trace_above = log::current_trace();
  for (std::size_t i = 0; i < runs.size() && !signals.caught(); ++i) {
    const RunTrace trace = begin_trace(trace_above);
    const auto directory = run_directory(command, runs[i].file->experiment().name(), i, runs.size());
    const RunRecord record = run_once(*runs[i].file, runs[i].timeline, directory, audience, signals);
    exit_code = worse_exit_code(exit_code, report(record, directory));
    export_trace(record, trace);
  }
  return exit_code;
}

}  // namespace fracas::controller
