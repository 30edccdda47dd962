#include "controller/run/live_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "checker/history/answered.h"
#include "controller/run/live_events.h"

namespace fracas::controller {
namespace {

// The value below which a share of the sorted values lies; 0 of none.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto place = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

}  // namespace

void LiveOperations::follow(std::span<const model::Event> events) {
  for (const model::Event& event : events) {
    ++events_;
    if (event.type == model::EventType::invoke) {
      open_[event.process] = event.time_ns;
      continue;
    }
    const auto invoked = open_.find(event.process);
    if (invoked == open_.end()) continue;
    const int outcome = checker::answered(event) ? 0 : event.type == model::EventType::fail ? 1 : 2;
    completed_.push_back({ms_between(origin_ns_, event.time_ns), ms_between(invoked->second, event.time_ns), outcome});
    open_.erase(invoked);
  }
}

std::string LiveOperations::take_line(std::int64_t now_ns) {
  std::array<std::size_t, 3> counts{};
  std::vector<double> latencies;
  for (const Completed& each : completed_) {
    ++counts.at(static_cast<std::size_t>(each.outcome));
    if (each.outcome == 0) latencies.push_back(each.latency_ms);
  }
  std::sort(latencies.begin(), latencies.end());
  std::string samples;
  const std::size_t step = (completed_.size() + kSamplesMax - 1) / kSamplesMax;
  for (std::size_t i = 0; i < completed_.size(); i += step)
    samples += fmt::format("{}[{:.3f},{:.3f},{}]", samples.empty() ? "" : ",", completed_[i].end_ms,
                           completed_[i].latency_ms, completed_[i].outcome);
  completed_.clear();
  return fmt::format(
      R"({{"type":"ops","at_ms":{:.3f},"ok":{},"fail":{},"info":{},"p50_ms":{:.3f},"p99_ms":{:.3f},"samples":[{}]}})",
      ms_between(origin_ns_, now_ns), counts[0], counts[1], counts[2], quantile(latencies, 0.5),
      quantile(latencies, 0.99), samples);
}

}  // namespace fracas::controller
