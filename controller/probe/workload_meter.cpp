#include "controller/probe/workload_meter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "checker/history/answered.h"
#include "lib/model/probe.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

std::string share(double value) {
  return fmt::format("{:.4g}%", value * 100);
}

}  // namespace

std::string WorkloadGoals::text() const {
  std::vector<std::string> parts;
  if (ok_rate_min) parts.push_back("ok-rate at least " + share(*ok_rate_min));
  if (latency_max)
    parts.push_back(fmt::format("latency p{:g} at most {}", quantile * 100, format_duration(*latency_max)));
  return fmt::format("{}, over {}", fmt::join(parts, ", "), format_duration(over));
}

WorkloadGoals workload_goals(const model::WorkloadProbe& probe) {
  WorkloadGoals goals{
      .over = model::from_proto(probe.over()), .quantile = probe.quantile(), .operations_min = probe.operations_min()};
  if (probe.ok_rate_min() > 0) goals.ok_rate_min = probe.ok_rate_min();
  if (probe.has_latency_max()) goals.latency_max = model::from_proto(probe.latency_max());
  return goals;
}

void WorkloadMeter::follow(std::span<const model::Event> events) {
  events_ += events.size();
  for (const model::Event& event : events) {
    if (event.type == model::EventType::invoke) {
      open_[event.process] = event.time_ns;
      continue;
    }
    const auto begun = open_.find(event.process);
    if (begun == open_.end()) continue;
    ended_.push_back(
        {.time_ns = event.time_ns, .took_ns = event.time_ns - begun->second, .answered = checker::answered(event)});
    open_.erase(begun);
  }
  while (!ended_.empty() && ended_.back().time_ns - ended_.front().time_ns > memory_.count()) ended_.pop_front();
}

std::optional<Judged> WorkloadMeter::judge(const WorkloadGoals& goals, std::int64_t now_ns) const {
  std::size_t all = 0;
  std::vector<std::int64_t> latencies;
  for (const Ended& each : ended_) {
    if (each.time_ns <= now_ns - goals.over.count() || each.time_ns > now_ns) continue;
    ++all;
    if (each.answered) latencies.push_back(each.took_ns);
  }
  if (all < goals.operations_min) return std::nullopt;
  Judged judged{.passed = true};
  std::vector<std::string> says;
  if (goals.ok_rate_min) {
    const double rate = static_cast<double>(latencies.size()) / static_cast<double>(all);
    judged.value = rate;
    if (rate < *goals.ok_rate_min) judged.passed = false;
    says.push_back(fmt::format("ok-rate {} of {} operations", share(rate), all));
  }
  if (goals.latency_max && !latencies.empty()) {
    const auto rank = static_cast<std::size_t>(std::ceil(goals.quantile * static_cast<double>(latencies.size())));
    const auto at = latencies.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(latencies.begin(), at, latencies.end());
    if (!goals.ok_rate_min) judged.value = static_cast<double>(*at) / 1e6;
    if (Duration(*at) > *goals.latency_max) judged.passed = false;
    says.push_back(fmt::format("latency p{:g} {}", goals.quantile * 100, describe_duration(Duration(*at))));
  } else if (goals.latency_max) {
    judged.passed = false;
    says.push_back(fmt::format("none of {} operations was answered", all));
  }
  judged.says = fmt::format("{}", fmt::join(says, ", "));
  return judged;
}

}  // namespace fracas::controller
