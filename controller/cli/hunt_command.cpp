#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <system_error>
#include <thread>

#include "controller/cli/commands.h"
#include "controller/cli/divided_hunt.h"
#include "controller/cli/one_run.h"
#include "controller/cli/signals.h"
#include "controller/cli/text_file.h"
#include "controller/cli/trace_export.h"
#include "controller/hunt/findings.h"
#include "controller/hunt/hunt.h"
#include "controller/reading/reading.h"
#include "controller/report/run_record.h"
#include "controller/sim/simulate.h"
#include "lib/base/log.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

double seconds_since(std::int64_t then_ns) {
  return static_cast<double>(os::boot_now_ns() - then_ns) / 1e9;
}

void print_result(const Findings& found, double seconds) {
  fmt::print("{} universes in {:.1f} s, {} of simulated time ({:.0f} times real time): {} passed, {} violated",
             found.universes, seconds, describe_duration(found.simulated),
             static_cast<double>(found.simulated.count()) / 1e9 / seconds, found.passed, found.violations.size());
  if (found.vacuous > 0) fmt::print(", {} vacuous", found.vacuous);
  if (found.undecided > 0) fmt::print(", {} undecided", found.undecided);
  if (found.refused > 0) fmt::print(", {} refused", found.refused);
  fmt::print("\n{} combinations of fault, role and state, or of two faults, were met\n", found.coverage.size());
}

Status report(const Finding& caught, const HuntCommand& command) {
  fmt::print("seed {}: {}\n", caught.seed, caught.reason);
  const std::filesystem::path folder = command.out.empty() ? "fracas-hunts" : command.out;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return failure(folder.string() + ": " + error.message(), error.value());
  const std::string name = fmt::format("{}-{}", caught.name, caught.seed);
  std::filesystem::path path = folder / (name + ".toml");
  if (auto written = write_text(path, caught.experiment); !written) return written;
  if (!caught.shrunk.empty()) {
    path = folder / (name + "-shrunk.toml");
    if (auto written = write_text(path, caught.shrunk); !written) return written;
    fmt::print("  shrunk in {} runs: {} faults, {} nodes, {} clients, {} operations\n", caught.shrink_runs,
               caught.faults, caught.nodes, caught.clients, caught.operations);
  }
  fmt::print("  fracas run {}\n", path.string());
  return {};
}

// A hunt's universes are too many to send: of each violation that is reported, the run that shows it is a trace.
Status send_trace(const Finding& caught, const std::optional<TraceContext>& above) {
  const std::string& text = caught.shrunk.empty() ? caught.experiment : caught.shrunk;
  const auto file = read_experiment_copy(text, caught.name);
  if (!file) return failure(file.error());
  const auto timeline = plan_run(*file, choose_seed(*file, ""));
  if (!timeline) return failure(timeline.error());
  const RunTrace trace = begin_trace(above);
  export_trace(simulate(file->experiment(), *timeline), trace);
  return {};
}

HuntOptions options_of(const HuntCommand& command, std::uint64_t seed, const std::function<bool()>& stop) {
  const Part part = part_of(command.share).value_or(Part{});
  const Seeds seeds = share_of({.first = seed, .count = command.universes}, part.index, part.of);
  HuntOptions options;
  options.first_seed = seeds.first;
  options.universes_max = seeds.count;
  options.time_max = command.time;
  options.jobs = command.jobs > 0 ? command.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.violations_max = command.violations;
  options.guided = !command.unguided;
  options.stop = stop;
  return options;
}

struct Hunted {
  Findings found;
  double seconds = 0;  // without the shrinking in this process
  bool whole = true;   // no part of it was lost
};

// In this process.
Hunted hunt_here(const HuntCommand& command, const model::ExperimentFile& file, const HuntOptions& options) {
  keep_memory();
  const std::int64_t begin_ns = os::boot_now_ns();
  const HuntResult result = hunt(file, options);
  Hunted hunted{.found = findings_of(result), .seconds = seconds_since(begin_ns)};
  if (!command.shrink) return hunted;
  for (std::size_t i = 0; i < result.violations.size(); ++i)
    shrink_finding(hunted.found.violations[i], result.violations[i], options.stop);
  return hunted;
}

Result<Hunted> hunt_anywhere(const HuntCommand& command, const model::ExperimentFile& file, std::uint64_t seed,
                             const std::function<bool()>& stop) {
  if (command.engine.empty() || command.engine == "local")
    return hunt_here(command, file, options_of(command, seed, stop));
  const std::int64_t begin_ns = os::boot_now_ns();
  auto divided = divided_hunt(command, file, seed, stop);
  if (!divided) return failure(std::move(divided).error());
  return Hunted{
      .found = std::move(divided->findings), .seconds = seconds_since(begin_ns), .whole = divided->lost.empty()};
}

// What a task of a divided hunt leaves. One that was stopped did not do its share, and leaves nothing.
int leave_record(const Findings& found, const HuntCommand& command, bool stopped) {
  if (stopped) return static_cast<int>(Outcome::aborted);
  const std::string text = findings_to_json(found, FRACAS_VERSION) + "\n";
  if (command.record == "-") {
    fmt::print("{}", text);
    return 0;
  }
  if (auto written = os::write_file_durably(std::filesystem::absolute(command.record), text); !written)
    return could_not_run("hunt", written.error());
  return 0;
}

Outcome outcome_of(const Hunted& hunted, bool stopped) {
  if (!hunted.found.violations.empty()) return Outcome::violated;
  if (stopped) return Outcome::aborted;
  if (!hunted.whole) return Outcome::could_not_run;
  return hunted.found.passed == 0 && hunted.found.vacuous > 0 ? Outcome::vacuous : Outcome::pass;
}

}  // namespace

std::optional<Part> part_of(const std::string& text) {
  Part part;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, part.index);
  if (index.ec != std::errc() || index.ptr == end || *index.ptr != '/') return std::nullopt;
  const auto of = std::from_chars(index.ptr + 1, end, part.of);
  if (of.ec != std::errc() || of.ptr != end || part.index >= part.of) return std::nullopt;
  return part;
}

int hunt_command(const HuntCommand& command) {
  std::vector<std::string> overrides = command.overrides;
  choose_world("sim", overrides);
  auto file = read_experiment_file(command.file, overrides);
  if (!file) return bad_input(file.error());
  const std::uint64_t seed = choose_seed(*file, command.seed);
  if (const auto planned = plan_run(*file, seed); !planned) return bad_input(planned.error());
  Signals signals;
  const auto hunted = hunt_anywhere(command, *file, seed, [&signals] { return signals.caught(); });
  if (!hunted) return hunted.error().code == EINVAL ? bad_input(hunted.error()) : could_not_run("hunt", hunted.error());
  if (!command.record.empty()) return leave_record(hunted->found, command, signals.caught());
  print_result(hunted->found, hunted->seconds);
  const auto trace_above = log::current_trace();
  for (const Finding& caught : hunted->found.violations) {
    auto reported = report(caught, command);
    if (reported && wants_traces()) reported = send_trace(caught, trace_above);
    if (!reported) return could_not_run("hunt", reported.error());
  }
  RunRecord verdict;
  verdict.expect_violated = file->experiment().expect() == model::EXPECTATION_VIOLATED;
  verdict.outcome = outcome_of(*hunted, signals.caught());
  return verdict.exit_code();
}

}  // namespace fracas::controller
