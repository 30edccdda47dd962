#include "controller/cli/one_run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>
#include <thread>

#include "controller/reading/reading.h"
#include "controller/run/conclude.h"
#include "controller/run/control_arm.h"
#include "controller/run/live_report.h"
#include "controller/run/progress.h"
#include "controller/run/runner.h"
#include "controller/sim/simulate.h"
#include "controller/target/target.h"
#include "controller/world/waiting.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {

bool is_simulated(const model::ExperimentFile& file) {
  return file.experiment().world().kind() == model::WORLD_KIND_SIM;
}

namespace {

struct Place {
  std::filesystem::path directory;
  Audience audience;
};

RunRecord run_in_world(const std::vector<ControlRun>& control, const model::ExperimentFile& file,
                       const Timeline& timeline, const Place& place, Signals& signals) {
  const model::Experiment& experiment = file.experiment();
  if (is_simulated(file)) {
    RunRecord record = simulate_into(place.directory, experiment, timeline, control);
    if (place.audience.live)
      replay_live(record,
                  {.run = place.directory.filename().string(),
                   .name = experiment.name(),
                   .clients = experiment.workload().clients(),
                   .timeline = timeline},
                  *place.audience.live);
    return record;
  }
  Abort abort;
  signals.aim(&abort);
  const std::int64_t deadline_ns = os::boot_now_ns() + model::from_proto(experiment.duration_max()).count();
  std::jthread bound([&abort, deadline_ns](const std::stop_token& stopping) {
    if (sleep_until(deadline_ns, stopping)) abort.ask("duration_max is over");
  });
  std::optional<Progress> progress;
  progress.emplace(place.audience.quiet ? Progress::Style::quiet : Progress::fitting_style());
  progress->note(
      fmt::format("{}, seed {}, {} in all", experiment.name(), timeline.seed, describe_duration(timeline.total())));
  std::optional<LiveReport> live;
  if (place.audience.live) live.emplace(*place.audience.live);
  RunRecord record = run_experiment({.file = file,
                                     .timeline = timeline,
                                     .directory = place.directory,
                                     .abort = abort,
                                     .progress = *progress,
                                     .control = control,
                                     .live = live ? &*live : nullptr});
  if (live) live->verdict(record);
  progress.reset();
  signals.aim(nullptr);
  return record;
}

// One run of the control arm. ERRORS: it could not be played, or nothing succeeded in it.
Result<ControlRun> run_control(const model::ExperimentFile& file, std::uint64_t seed, const Place& place,
                               Signals& signals) {
  const model::Experiment experiment = control_of(file.experiment());
  auto control = read_experiment_copy(model::to_toml(experiment), experiment.name());
  if (!control) return failure(std::move(control).error());
  const auto timeline = plan_run(*control, seed);
  if (!timeline) return failure(timeline.error());
  const RunRecord record = run_in_world({}, *control, *timeline, place, signals);
  if (record.outcome != Outcome::pass) return failure(record.reason);
  return measure_control(record);
}

}  // namespace

RunRecord run_once(const model::ExperimentFile& file, const Timeline& timeline, const std::filesystem::path& directory,
                   const Audience& audience, Signals& signals) {
  std::vector<ControlRun> control;
  const std::uint32_t runs = file.experiment().has_control() ? file.experiment().control().runs() : 0;
  for (std::uint32_t i = 0; i < runs; ++i) {
    auto run = run_control(file, timeline.seed + i,
                           {directory / fmt::format("control-{}", i + 1), {.quiet = audience.quiet}}, signals);
    if (run) {
      control.push_back(*run);
      continue;
    }
    RunRecord record = begin_record(file.experiment(), timeline);
    record.outcome = signals.caught() ? Outcome::aborted : Outcome::could_not_run;
    record.reason = "the control arm: " + run.error().message;
    return record;
  }
  return run_in_world(control, file, timeline, {directory, audience}, signals);
}

RunRecord run_after(const std::vector<ControlRun>& control, const model::ExperimentFile& file, const Timeline& timeline,
                    const std::filesystem::path& directory, Signals& signals) {
  return run_in_world(control, file, timeline, {directory, {.quiet = true}}, signals);
}

Status runs_here(const model::ExperimentFile& file) {
  if (is_simulated(file)) return {};
  if (auto there = installed(file.experiment()); !there) return there;
  if (file.experiment().world().kind() == model::WORLD_KIND_FLEET) return {};
  if (::geteuid() == 0) return {};
  return failure("the lab needs root: it makes network namespaces, cgroups and BPF programs", EPERM);
}

int could_not_run(std::string_view command, const Error& error) {
  fmt::print(stderr, "fracas {}: {}\n", command, error.message);
  return static_cast<int>(Outcome::could_not_run);
}

std::filesystem::path results_folder(const std::string& out, std::string_view name) {
  if (!out.empty()) return out;
  return std::filesystem::path("fracas-runs") /
         fmt::format("{}-{:%Y%m%d-%H%M%S}-{}", name, fmt::localtime(std::time(nullptr)), ::getpid());
}

}  // namespace fracas::controller
