#include "controller/cli/one_run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>
#include <thread>

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

RunRecord run_once(const model::ExperimentFile& file, const Timeline& timeline, const std::filesystem::path& directory,
                   bool quiet, Signals& signals) {
  const model::Experiment& experiment = file.experiment();
  if (is_simulated(file)) return simulate_into(directory, experiment, timeline);
  Abort abort;
  signals.aim(&abort);
  const std::int64_t deadline_ns = os::boot_now_ns() + model::from_proto(experiment.duration_max()).count();
  std::jthread bound([&abort, deadline_ns](const std::stop_token& stopping) {
    if (sleep_until(deadline_ns, stopping)) abort.ask("duration_max is over");
  });
  std::optional<Progress> progress;
  progress.emplace(quiet ? Progress::Style::quiet : Progress::fitting_style());
  progress->note(
      fmt::format("{}, seed {}, {} in all", experiment.name(), timeline.seed, describe_duration(timeline.total())));
  RunRecord record = run_experiment(
      {.file = file, .timeline = timeline, .directory = directory, .abort = abort, .progress = *progress});
  progress.reset();
  signals.aim(nullptr);
  return record;
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
