#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "controller/cli/commands.h"
#include "controller/cli/one_run.h"
#include "controller/cli/text_file.h"
#include "controller/cli/trace_export.h"
#include "controller/gate/gate.h"
#include "controller/gate/gate_report.h"
#include "controller/reading/reading.h"
#include "controller/run/control_arm.h"
#include "lib/base/log.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

// An experiment and its control arm, which has no faults and therefore nothing to be violated by them.
struct Held {
  GateSubject subject;
  const model::ExperimentFile* file = nullptr;
  model::ExperimentFile control;
  std::uint64_t seed = 0;
  std::vector<ControlRun> floor{};  // what the control arm showed so far
};

// "file:line:column" gives the line.
std::uint32_t line_of(const std::string& place) {
  const std::size_t last = place.rfind(':');
  const std::size_t before = last == std::string::npos || last == 0 ? std::string::npos : place.rfind(':', last - 1);
  if (before == std::string::npos) return 1;
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::strtoul(place.c_str() + before + 1, nullptr, 10)));
}

// The same file read again, with its faults taken out.
Result<model::ExperimentFile> without_faults(const model::ExperimentFile& file) {
  model::Experiment copy = file.experiment();
  copy.clear_fault();
  copy.clear_control();
  for (model::CheckSpec& check : *copy.mutable_check()) {
    if (!check.has_availability()) continue;
    check.mutable_availability()->clear_ok_rate_loss_max();
    check.mutable_availability()->clear_latency_p99_times_max();
  }
  copy.set_expect(model::EXPECTATION_PASS);
  return read_experiment_copy(model::to_toml(copy), copy.name());
}

Result<std::vector<Held>> hold(const std::vector<std::vector<model::ExperimentFile>>& files,
                               const GateCommand& command) {
  std::vector<Held> all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const model::ExperimentFile& file : files[i]) {
      const std::uint64_t seed = choose_seed(file, command.seed);
      if (auto planned = plan_run(file, seed); !planned) return failure(std::move(planned).error());
      auto control = without_faults(file);
      if (!control) return failure(std::move(control).error());
      const std::string place = file.where(file.experiment().check_size() > 0 ? "check[0]" : "name");
      all.push_back({.subject = {.name = file.experiment().name(), .file = command.files[i], .line = line_of(place)},
                     .file = &file,
                     .control = std::move(*control),
                     .seed = seed});
    }
  }
  return all;
}

// Plays one run of an arm into a folder of its own.
std::optional<RunRecord> play(Held& held, Arm arm, unsigned number, const std::filesystem::path& folder,
                              Signals& signals) {
  if (signals.caught()) return std::nullopt;
  const model::ExperimentFile& file = arm == Arm::faults ? *held.file : held.control;
  const auto timeline = plan_run(file, held.seed + number);
  if (!timeline) {
    RunRecord record;
    record.seed = held.seed + number;
    record.outcome = Outcome::bad_input;
    record.reason = timeline.error().message;
    return record;
  }
  const auto directory =
      folder / fmt::format("{}{}-{}", held.subject.name, arm == Arm::control ? "-control" : "", number + 1);
  // The arm that is played anyway is the one to compare with, too.
  const bool compares = arm == Arm::faults && file.experiment().has_control() && held.floor.empty();
  RunRecord record = compares ? run_once(file, *timeline, directory, {.quiet = true}, signals)
                              : run_after(held.floor, file, *timeline, directory, signals);
  if (arm == Arm::control && record.outcome == Outcome::pass) held.floor.push_back(measure_control(record));
  if (record.outcome == Outcome::aborted && signals.caught()) return std::nullopt;
  return record;
}

Status write_results(const std::vector<GateResult>& results, const GateCommand& command) {
  Baseline baseline;
  for (const GateResult& result : results) baseline[result.subject.name] = result.measured;
  for (const auto& [path, text] : {std::pair{command.junit, gate_junit(results)},
                                   {command.sarif, gate_sarif(results)},
                                   {command.markdown, gate_markdown(results)},
                                   {command.write_baseline, to_json(baseline)}})
    if (!path.empty())
      if (auto written = write_text(path, text); !written) return written;
  return {};
}

}  // namespace

int gate_command(const GateCommand& command) {
  std::vector<std::string> overrides = command.overrides;
  choose_world(command.world, overrides);
  std::vector<std::vector<model::ExperimentFile>> files;
  for (const std::string& name : command.files) {
    auto read = read_experiment_files(name, overrides);
    if (!read) return bad_input(read.error());
    files.push_back(std::move(*read));
  }
  GateOptions options{.runs = command.runs,
                      .control = command.control,
                      .retries = command.retries,
                      .compare = {.alpha = command.alpha, .tolerance = command.tolerance}};
  Baseline baseline;
  if (!command.baseline.empty()) {
    const auto text = os::read_file(command.baseline);
    if (!text) return bad_input(text.error());
    auto parsed = parse_baseline(*text);
    if (!parsed) return bad_input(Error(parsed.error()).context(command.baseline));
    baseline = std::move(*parsed);
    options.baseline = &baseline;
  }
  auto held = hold(files, command);
  if (!held) return bad_input(held.error());
  for (const Held& each : *held)
    if (auto here = runs_here(*each.file); !here) return could_not_run("gate", here.error());

  Signals signals;
  const auto trace_above = log::current_trace();
  const auto folder = results_folder(command.out, "gate");
  std::vector<GateResult> results;
  for (Held& each : *held) {
    options.control_first = each.file->experiment().has_control();
    results.push_back(hold_against_gate(each.subject, options, [&](Arm arm, unsigned number) {
      const RunTrace trace = begin_trace(trace_above);
      auto record = play(each, arm, number, folder, signals);
      if (record) export_trace(*record, trace);
      return record;
    }));
    fmt::print("{}", gate_text({results.back()}));
    std::fflush(stdout);
    if (signals.caught()) break;
  }
  if (command.annotations) fmt::print("{}", gate_annotations(results));
  if (auto written = write_results(results, command); !written) return could_not_run("gate", written.error());
  return exit_code(results);
}

}  // namespace fracas::controller
