#include "controller/probe/probe_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>

#include "checker/invariants/quantiles.h"

namespace fracas::controller {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kParts{"before", "during", "after"};

ordered_json to_json(const ProbeSample& sample) {
  const Measurement& measured = sample.measurement;
  ordered_json object;
  object["time"] = measured.time_ns;
  object["took"] = measured.took_ns;
  object["part"] = name(sample.part);
  object["passed"] = measured.passed;
  object["value"] = measured.value ? ordered_json(*measured.value) : ordered_json(nullptr);
  object["says"] = measured.says;
  object["counts"] = sample.counts;
  object["decides"] = sample.decides;
  return object;
}

// A member of the type of `otherwise`, which stands where it is missing or of another.
template <typename T>
T member(const json& object, const char* key, T otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || found->type() != json(otherwise).type()) {
    const bool both_whole = found != object.end() && found->is_number_integer() && json(otherwise).is_number_integer();
    const bool both_numbers = found != object.end() && found->is_number() && json(otherwise).is_number_float();
    if (!both_whole && !both_numbers) return otherwise;
  }
  return found->get<T>();
}

Result<ProbeSample> sample_of(const json& object) {
  ProbeSample sample;
  sample.measurement = {.time_ns = member(object, "time", std::int64_t{0}),
                        .took_ns = member(object, "took", std::int64_t{0}),
                        .passed = member(object, "passed", false),
                        .value = {},
                        .says = member(object, "says", std::string())};
  if (const auto value = object.find("value"); value != object.end() && value->is_number())
    sample.measurement.value = value->get<double>();
  const std::string part = member(object, "part", std::string());
  const auto found = std::find(kParts.begin(), kParts.end(), part);
  if (found == kParts.end()) return failure(fmt::format("\"part\" is none of {}", fmt::join(kParts, ", ")));
  sample.part = static_cast<RunPart>(found - kParts.begin());
  sample.counts = member(object, "counts", false);
  sample.decides = member(object, "decides", false);
  return sample;
}

// The longest time from a measurement that failed to the next that passed, or to the last.
double longest_failure_s(const std::vector<ProbeSample>& samples) {
  std::int64_t longest_ns = 0;
  std::int64_t since_ns = -1;
  for (const ProbeSample& sample : samples) {
    const std::int64_t time_ns = sample.measurement.time_ns;
    if (!sample.measurement.passed && since_ns < 0) since_ns = time_ns;
    if (since_ns >= 0) longest_ns = std::max(longest_ns, time_ns - since_ns);
    if (sample.measurement.passed) since_ns = -1;
  }
  return static_cast<double>(longest_ns) / 1e9;
}

// Each time that it began to fail or to pass again.
std::vector<std::string> changes(const std::vector<ProbeSample>& samples) {
  constexpr std::size_t kShown = 20;
  std::vector<std::string> lines;
  std::optional<bool> before;
  for (const ProbeSample& sample : samples) {
    const Measurement& measured = sample.measurement;
    if (before == measured.passed) continue;
    before = measured.passed;
    const double seconds = static_cast<double>(measured.time_ns - samples.front().measurement.time_ns) / 1e9;
    if (lines.size() < kShown)
      lines.push_back(fmt::format("{:.1f} s, {}: {}: {}", seconds, name(sample.part),
                                  measured.passed ? "passed" : "failed", measured.says));
  }
  return lines;
}

void add_numbers(const ProbeRecord& probe, checker::CheckResult& result) {
  std::vector<std::int64_t> took_ns;
  double failures = 0;
  for (const ProbeSample& sample : probe.samples) {
    took_ns.push_back(sample.measurement.took_ns);
    failures += sample.measurement.passed ? 0 : 1;
  }
  result.numbers["measurements"] = static_cast<double>(probe.samples.size());
  result.numbers["failures"] = failures;
  result.numbers["failure_longest_s"] = longest_failure_s(probe.samples);
  if (probe.kind == "workload" || took_ns.empty()) return;
  const checker::Quantiles took = checker::quantiles_of(std::move(took_ns));
  result.numbers["took_p50_ms"] = took.p50_ms;
  result.numbers["took_max_ms"] = took.max_ms;
}

}  // namespace

std::string_view name(RunPart part) {
  return kParts[static_cast<std::size_t>(part)];
}

std::string write_probes(const std::vector<ProbeRecord>& probes) {
  std::string text;
  for (const ProbeRecord& probe : probes) {
    ordered_json head{{"probe", probe.name},
                      {"kind", probe.kind},
                      {"what", probe.description},
                      {"from", probe.from},
                      {"passed_min", probe.passed_min}};
    text += head.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    for (const ProbeSample& sample : probe.samples)
      text += to_json(sample).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }
  return text;
}

Result<std::vector<ProbeRecord>> read_probes(std::istream& in) {
  std::vector<ProbeRecord> probes;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object()) return failure(fmt::format("line {}: not a JSON object", number));
    if (object.contains("probe")) {
      probes.push_back({.name = member(object, "probe", std::string()),
                        .kind = member(object, "kind", std::string()),
                        .description = member(object, "what", std::string()),
                        .from = member(object, "from", std::string()),
                        .passed_min = member(object, "passed_min", 1.0),
                        .samples = {}});
      continue;
    }
    if (probes.empty()) return failure(fmt::format("line {}: a measurement of no probe", number));
    auto sample = sample_of(object);
    if (!sample) return failure(std::move(sample).error().context(fmt::format("line {}", number)));
    probes.back().samples.push_back(std::move(*sample));
  }
  return probes;
}

checker::CheckResult judge_probe(const ProbeRecord& probe) {
  checker::CheckResult result;
  result.kind = "probe " + probe.name;
  result.details = changes(probe.samples);
  add_numbers(probe, result);
  std::size_t counted = 0;
  std::size_t passed = 0;
  const ProbeSample* decided = nullptr;
  for (const ProbeSample& sample : probe.samples) {
    counted += sample.counts ? 1 : 0;
    passed += sample.counts && sample.measurement.passed ? 1 : 0;
    if (sample.decides) decided = &sample;
  }
  const auto conclude = [&](checker::Verdict verdict, std::string summary) {
    result.verdict = verdict;
    result.summary = fmt::format("{}: {}", probe.description, summary);
    return result;
  };
  if (counted == 0 && decided == nullptr) return conclude(checker::Verdict::undecided, "nothing was measured");
  if (decided != nullptr && !decided->measurement.passed)
    return conclude(checker::Verdict::violated,
                    fmt::format("{} the faults it failed: {}", name(decided->part), decided->measurement.says));
  const double share = counted == 0 ? 1 : static_cast<double>(passed) / static_cast<double>(counted);
  if (counted > 0) result.numbers["passed_rate"] = share;
  const std::string text =
      counted == 0 ? "passed when it had to" : fmt::format("{} of {} measurements passed", passed, counted);
  if (share < probe.passed_min)
    return conclude(checker::Verdict::violated, fmt::format("{}, fewer than {:.4g}%", text, probe.passed_min * 100));
  return conclude(checker::Verdict::pass, text);
}

}  // namespace fracas::controller
