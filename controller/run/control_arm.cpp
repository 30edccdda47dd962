#include "controller/run/control_arm.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>

#include "checker/history/history_builder.h"
#include "lib/base/ensure.h"
#include "lib/base/text.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

using nlohmann::json;

struct Range {
  double least = 0;
  double most = 0;
};

Range range_of(std::span<const ControlRun> control, double ControlRun::*number) {
  ensure(!control.empty(), "a control arm has runs");
  const auto [least, most] =
      std::minmax_element(control.begin(), control.end(),
                          [number](const ControlRun& a, const ControlRun& b) { return a.*number < b.*number; });
  return {(*least).*number, (*most).*number};
}

std::string share_text(const Range& range) {
  return range.least == range.most ? fmt::format("{:.4g}%", range.least * 100)
                                   : fmt::format("{:.4g}% to {:.4g}%", range.least * 100, range.most * 100);
}

std::string ms_text(const Range& range) {
  return range.least == range.most ? fmt::format("{:.3g} ms", range.least)
                                   : fmt::format("{:.3g} ms to {:.3g} ms", range.least, range.most);
}

}  // namespace

model::Experiment control_of(const model::Experiment& experiment) {
  ensure(experiment.has_control(), "the experiment has a control arm");
  model::Experiment control = experiment;
  control.set_name(experiment.name() + "-control");
  control.set_expect(model::EXPECTATION_PASS);
  control.set_stop_on(model::STOP_ON_NEVER);
  control.clear_fault();
  control.clear_check();
  control.clear_probe();
  control.clear_control();
  control.mutable_safety()->clear_abort_when();
  *control.mutable_phases()->mutable_faults() = experiment.control().for_();
  *control.mutable_phases()->mutable_recover() = model::to_proto({});
  *control.mutable_phases()->mutable_quiet() = model::to_proto({});
  const Duration needed = model::from_proto(experiment.control().for_()) +
                          model::from_proto(experiment.phases().warmup()) + 6 * model::kSetUpMargin;
  *control.mutable_duration_max() = model::to_proto(std::max(needed, model::from_proto(experiment.duration_max())));
  return control;
}

ControlRun measure_control(const RunRecord& record) {
  ControlRun run{.seed = record.seed};
  run.seconds = static_cast<double>(record.phases.end_ns - record.phases.warmup_ns) / 1e9;
  const auto history = checker::history_of(record.history);
  if (!history) return run;
  const checker::Availability numbers = checker::measure_availability(*history, {});
  run.operations = numbers.total.invoked;
  run.ok_rate = numbers.total.ok_rate();
  run.latency_p50_ms = numbers.total.latency.p50_ms;
  run.latency_p99_ms = numbers.total.latency.p99_ms;
  run.silence_s = static_cast<double>(numbers.silence_longest.end_ns - numbers.silence_longest.start_ns) / 1e9;
  return run;
}

void add_control_goals(const model::AvailabilityCheck& check, std::span<const ControlRun> control,
                       checker::AvailabilityGoals& goals) {
  if (check.ok_rate_loss_max() > 0) {
    const double least = std::max(0.0, range_of(control, &ControlRun::ok_rate).least - check.ok_rate_loss_max());
    goals.ok_rate_min = std::max(goals.ok_rate_min.value_or(0), least);
  }
  if (check.latency_p99_times_max() <= 0) return;
  const double most_ms = range_of(control, &ControlRun::latency_p99_ms).most * check.latency_p99_times_max();
  const Duration most(static_cast<std::int64_t>(most_ms * 1e6));
  goals.latency_p99_max = std::min(goals.latency_p99_max.value_or(most), most);
}

std::string control_text(std::span<const ControlRun> control) {
  return fmt::format("{} without faults: ok-rate {}, latency p50 {}, p99 {}", counted(control.size(), "run"),
                     share_text(range_of(control, &ControlRun::ok_rate)),
                     ms_text(range_of(control, &ControlRun::latency_p50_ms)),
                     ms_text(range_of(control, &ControlRun::latency_p99_ms)));
}

std::string write_control(std::span<const ControlRun> control) {
  std::string text;
  for (const ControlRun& run : control) {
    const nlohmann::ordered_json line{
        {"seed", run.seed},          {"operations", run.operations},         {"seconds", run.seconds},
        {"ok_rate", run.ok_rate},    {"latency_p50_ms", run.latency_p50_ms}, {"latency_p99_ms", run.latency_p99_ms},
        {"silence_s", run.silence_s}};
    text += line.dump() + "\n";
  }
  return text;
}

Result<std::vector<ControlRun>> read_control(std::istream& in) {
  std::vector<ControlRun> control;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object()) return failure(fmt::format("line {}: not a JSON object", number));
    const auto value = [&object](const char* key) {
      const auto found = object.find(key);
      return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
    };
    const auto whole = [&object](const char* key) {
      const auto found = object.find(key);
      return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : std::uint64_t{0};
    };
    control.push_back({.seed = whole("seed"),
                       .operations = whole("operations"),
                       .seconds = value("seconds"),
                       .ok_rate = value("ok_rate"),
                       .latency_p50_ms = value("latency_p50_ms"),
                       .latency_p99_ms = value("latency_p99_ms"),
                       .silence_s = value("silence_s")});
  }
  return control;
}

}  // namespace fracas::controller
