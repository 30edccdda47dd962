#include "controller/gate/baseline.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace fracas::controller {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "fracas-gate-baseline";
constexpr int kVersion = 1;

Json runs_json(const std::vector<Measured>& runs) {
  Json list = Json::array();
  for (const Measured& run : runs) {
    Json numbers = Json::object();
    for (const Metric metric : kMetrics)
      if (const auto value = run[static_cast<std::size_t>(metric)]) numbers[std::string(name(metric))] = *value;
    list.push_back(std::move(numbers));
  }
  return list;
}

Result<std::vector<Measured>> read_runs(const Json& experiment, const char* arm) {
  std::vector<Measured> runs;
  const auto list = experiment.find(arm);
  if (list == experiment.end()) return runs;
  if (!list->is_array()) return failure(fmt::format("\"{}\" is no list of runs", arm));
  for (const Json& numbers : *list) {
    Measured run;
    for (const Metric metric : kMetrics) {
      const auto value = numbers.find(std::string(name(metric)));
      if (value == numbers.end()) continue;
      if (!value->is_number()) return failure(fmt::format("\"{}\" is no number", name(metric)));
      run[static_cast<std::size_t>(metric)] = value->get<double>();
    }
    runs.push_back(run);
  }
  return runs;
}

}  // namespace

std::string to_json(const Baseline& baseline) {
  Json document{{"format", kFormat}, {"version", kVersion}, {"experiments", Json::object()}};
  for (const auto& [name, arms] : baseline)
    document["experiments"][name] = {{"faults", runs_json(arms.faults)}, {"control", runs_json(arms.control)}};
  return document.dump(2) + "\n";
}

Result<Baseline> parse_baseline(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || document.value("format", "") != kFormat)
    return failure("this is no baseline of a gate; `fracas gate --write-baseline FILE` makes one");
  if (document.value("version", 0) != kVersion)
    return failure(fmt::format("its version is {}, and this program knows {}", document.value("version", 0), kVersion));
  Baseline baseline;
  const auto experiments = document.find("experiments");
  if (experiments == document.end() || !experiments->is_object()) return failure("it has no \"experiments\"");
  for (const auto& [name, experiment] : experiments->items()) {
    auto faults = read_runs(experiment, "faults");
    auto control = read_runs(experiment, "control");
    if (!faults) return failure(std::move(faults).error().context(name));
    if (!control) return failure(std::move(control).error().context(name));
    baseline[name] = {.faults = std::move(*faults), .control = std::move(*control)};
  }
  return baseline;
}

}  // namespace fracas::controller
