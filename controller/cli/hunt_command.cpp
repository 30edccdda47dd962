#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "controller/cli/commands.h"
#include "controller/cli/reading.h"
#include "controller/cli/signals.h"
#include "controller/cli/text_file.h"
#include "controller/hunt/hunt.h"
#include "controller/hunt/shrink.h"
#include "controller/report/run_record.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

double seconds_since(std::int64_t then_ns) {
  return static_cast<double>(os::boot_now_ns() - then_ns) / 1e9;
}

void print_result(const HuntResult& result, double seconds) {
  fmt::print("{} universes in {:.1f} s, {} of simulated time ({:.0f} times real time): {} passed, {} violated",
             result.universes, seconds, describe_duration(result.simulated),
             static_cast<double>(result.simulated.count()) / 1e9 / seconds, result.passed, result.violations.size());
  if (result.vacuous > 0) fmt::print(", {} vacuous", result.vacuous);
  if (result.undecided > 0) fmt::print(", {} undecided", result.undecided);
  if (result.refused > 0) fmt::print(", {} refused", result.refused);
  fmt::print("\n{} combinations of fault, role and state were met\n", result.coverage.size());
}

// What was caught, as an experiment that expects it.
model::Experiment experiment_of(const Universe& universe) {
  model::Experiment experiment = universe.experiment;
  experiment.set_expect(model::EXPECTATION_VIOLATED);
  experiment.mutable_seed()->set_random(false);
  experiment.mutable_seed()->set_value(universe.seed);
  return experiment;
}

Status report(const Violation& caught, const HuntCommand& command, const std::function<bool()>& stop) {
  fmt::print("seed {}: {}\n", caught.universe.seed, caught.reason);
  const std::filesystem::path folder = command.out.empty() ? "fracas-hunts" : command.out;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failure(folder.string() + ": " + error.message(), error.value());
  const std::string name = fmt::format("{}-{}", caught.universe.experiment.name(), caught.universe.seed);
  std::filesystem::path path = folder / (name + ".toml");
  if (auto written = write_text(path, model::to_toml(experiment_of(caught.universe))); !written) return written;
  if (command.shrink) {
    const ShrinkOptions options{.stop = stop};
    const Shrunk shrunk = shrink(caught.universe, caught.check, options);
    path = folder / (name + "-shrunk.toml");
    if (auto written = write_text(path, model::to_toml(shrunk.universe.experiment)); !written) return written;
    fmt::print("  shrunk in {} runs: {} faults, {} nodes, {} clients, {} operations\n", shrunk.runs, shrunk.faults,
               shrunk.nodes, shrunk.clients, shrunk.operations);
  }
  fmt::print("  fracas run {}\n", path.string());
  return {};
}

HuntOptions options_of(const HuntCommand& command, std::uint64_t seed, const Signals& signals) {
  HuntOptions options;
  options.first_seed = seed;
  options.universes_max = command.universes;
  options.time_max = command.time;
  options.jobs = command.jobs > 0 ? command.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.violations_max = command.violations;
  options.guided = !command.unguided;
  options.stop = [&signals] { return signals.caught(); };
  return options;
}

}  // namespace

int hunt_command(const HuntCommand& command) {
  std::vector<std::string> overrides = command.overrides;
  choose_world("sim", overrides);
  auto file = read_experiment_file(command.file, overrides);
  if (!file) return bad_input(file.error());
  const std::uint64_t seed = choose_seed(*file, command.seed);
  if (const auto planned = plan_run(*file, seed); !planned) return bad_input(planned.error());
  Signals signals;
  keep_memory();
  const HuntOptions options = options_of(command, seed, signals);
  const std::int64_t begin_ns = os::boot_now_ns();
  const HuntResult result = hunt(*file, options);
  print_result(result, seconds_since(begin_ns));
  for (const Violation& caught : result.violations) {
    if (auto reported = report(caught, command, options.stop); !reported) {
      fmt::print(stderr, "fracas hunt: {}\n", reported.error().message);
      return static_cast<int>(Outcome::could_not_run);
    }
  }
  RunRecord verdict;
  verdict.expect_violated = file->experiment().expect() == model::EXPECTATION_VIOLATED;
  verdict.outcome = result.violations.empty() ? Outcome::pass : Outcome::violated;
  if (result.violations.empty() && signals.caught()) verdict.outcome = Outcome::aborted;
  if (result.passed + result.violations.size() == 0 && result.vacuous > 0) verdict.outcome = Outcome::vacuous;
  return verdict.exit_code();
}

}  // namespace fracas::controller
