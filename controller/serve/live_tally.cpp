#include "controller/serve/live_tally.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace fracas::controller {
namespace {

using json = nlohmann::json;

// Latencies are counted in steps of a hundredth.
constexpr double kSteps = 100;
constexpr double kLatencyLeast_ms = 0.001;

double number(const json& event, const char* member) {
  const auto found = event.find(member);
  return found != event.end() && found->is_number() ? found->get<double>() : 0;
}

std::string text(const json& event, const char* member) {
  const auto found = event.find(member);
  return found != event.end() && found->is_string() ? found->get<std::string>() : "";
}

std::uint64_t count(const json& event, const char* member) {
  return static_cast<std::uint64_t>(std::max(0.0, number(event, member)));
}

}  // namespace

void LiveTally::follow_phase(const json& event) {
  if (!phases_.empty() && phases_.back().end_ms < 0) phases_.back().end_ms = last_ms_;
  phases_.push_back({.name = text(event, "name"), .start_ms = last_ms_});
  over_ = phases_.back().name == "recovery" || phases_.back().name == "healed";
}

void LiveTally::follow_fault(const json& event) {
  const std::string name = text(event, "name");
  auto fault = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& each) { return each.name == name; });
  if (fault == faults_.end()) {
    faults_.push_back({.name = name, .kind = text(event, "kind"), .start_ms = last_ms_});
    fault = faults_.end() - 1;
  }
  if (text(event, "state") == "armed") {
    acting_.insert(name);
  } else {
    acting_.erase(name);
    fault->end_ms = last_ms_;
  }
  fault->victims.clear();
  for (const json& victim : event.value("victims", json::array()))
    if (victim.is_string()) fault->victims.push_back(victim.get<std::string>());
  const json counted = event.value("counted", json::object());
  for (const auto& [what, much] : counted.items())
    if (much.is_number()) fault->counted[what] = much.get<double>();
}

void LiveTally::follow_operations(const json& event) {
  counts_[0] += count(event, "ok");
  counts_[1] += count(event, "fail");
  counts_[2] += count(event, "info");
  for (const json& sample : event.value("samples", json::array())) {
    if (!sample.is_array() || sample.size() != 3 || !sample[1].is_number() || sample[2] != 0) continue;
    const double latency_ms = std::max(sample[1].get<double>(), kLatencyLeast_ms);
    ++latencies_[static_cast<int>(std::ceil(std::log(latency_ms) * kSteps))];
  }
}

double LiveTally::p99_ms() const {
  std::uint64_t all = 0;
  for (const auto& [step, samples] : latencies_) all += samples;
  std::uint64_t below = 0;
  for (const auto& [step, samples] : latencies_) {
    below += samples;
    if (static_cast<double>(below) >= 0.99 * static_cast<double>(all)) return std::exp(step / kSteps);
  }
  return 0;
}

void LiveTally::follow(std::string_view line) {
  const json event = json::parse(line, nullptr, false);
  if (!event.is_object()) return;
  const std::string type = text(event, "type");
  last_ms_ = number(event, "at_ms");
  if (type == "begin") begun_ = true;
  if (type == "phase") follow_phase(event);
  if (type == "fault") follow_fault(event);
  if (type == "ops") follow_operations(event);
  if (type != "verdict") return;
  if (!phases_.empty() && phases_.back().end_ms < 0) phases_.back().end_ms = last_ms_;
  acting_.clear();
  verdict_ = text(event, "verdict");
  headline_ = text(event, "headline");
  exit_code_ = static_cast<int>(number(event, "exit_code"));
}

bool LiveTally::faults_over() const {
  return ended() || (acting_.empty() && over_);
}

LiveTally read_tally(const std::filesystem::path& path) {
  LiveTally tally;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) tally.follow(line);
  return tally;
}

}  // namespace fracas::controller
