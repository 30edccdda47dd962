#include "controller/probe/abort_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/ensure.h"
#include "lib/model/abort_condition.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

using model::AbortCondition;

AbortRules::AbortRules(const model::Experiment& experiment) {
  for (const std::string& text : experiment.safety().abort_when()) {
    const auto condition = model::parse_abort_condition(text);
    ensure(condition.has_value(), "the reader checked the conditions");
    if (condition->what == AbortCondition::What::probe) {
      for (const model::ProbeSpec& probe : experiment.probe())
        if (probe.name() == condition->probe) probes_[probe.name()].most = probe.failures_in_row();
      continue;
    }
    WorkloadGoals goals{.over = condition->over, .quantile = condition->quantile};
    if (condition->what == AbortCondition::What::ok_rate)
      goals.ok_rate_min = condition->ok_rate_min;
    else
      goals.latency_max = condition->latency_max;
    workload_.push_back({.text = text, .goals = goals});
  }
}

Duration AbortRules::memory() const {
  Duration longest{};
  for (const Condition& condition : workload_) longest = std::max(longest, condition.goals.over);
  return longest;
}

std::optional<std::string> AbortRules::measured(const std::string& probe, const Measurement& measurement) {
  const auto found = probes_.find(probe);
  if (found == probes_.end()) return std::nullopt;
  Row& row = found->second;
  row.failures = measurement.passed ? 0 : row.failures + 1;
  if (row.failures < row.most) return std::nullopt;
  const std::string often = row.most == 1 ? "failed" : fmt::format("failed {} times in a row", row.failures);
  return fmt::format("probe {} {}: {}", probe, often, measurement.says);
}

std::optional<std::string> AbortRules::look(const WorkloadMeter& meter, std::int64_t now_ns) const {
  for (const Condition& condition : workload_) {
    const auto judged = meter.judge(condition.goals, now_ns);
    if (judged && !judged->passed) return fmt::format("{}: {}", condition.text, judged->says);
  }
  return std::nullopt;
}

}  // namespace fracas::controller
