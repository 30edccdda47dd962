#include "controller/run/live_events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "controller/report/headline.h"

namespace fracas::controller {
namespace {

using json = nlohmann::ordered_json;

double ms(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

std::string line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Microseconds are enough, and what happened before the first operation was asked for happened at its start.
json event(const char* type, double at_ms) {
  return {{"type", type}, {"at_ms", std::round(std::max(at_ms, 0.0) * 1e3) / 1e3}};
}

json phase(const char* name, Duration start, Duration end) {
  return {{"name", name}, {"start_ms", ms(start)}, {"end_ms", ms(end)}};
}

const char* effect_of(const std::string& kind) {
  constexpr std::array<std::string_view, 3> kCut{"net.partition", "net.connect", "net.reset"};
  constexpr std::array<std::string_view, 3> kSlow{"net.delay", "net.bandwidth", "net.reorder"};
  constexpr std::array<std::string_view, 3> kLossy{"net.loss", "net.corrupt", "net.duplicate"};
  const auto among = [&](const auto& kinds) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
  if (among(kCut)) return "cut";
  if (among(kSlow)) return "slow";
  return among(kLossy) ? "lossy" : "other";
}

}  // namespace

double ms_between(std::int64_t from_ns, std::int64_t to_ns) {
  return static_cast<double>(to_ns - from_ns) / 1e6;
}

std::string live_begin(const LiveBegin& begin) {
  const Timeline& timeline = begin.timeline;
  const Duration faults_end = timeline.warmup + timeline.faults;
  json object = event("begin", 0);
  object["run"] = begin.run;
  object["name"] = begin.name;
  object["nodes"] = timeline.hosts;
  object["clients"] = begin.clients;
  object["duration_ms"] = ms(timeline.total());
  object["phases"] = {phase("warm-up", {}, timeline.warmup), phase("faults", timeline.warmup, faults_end),
                      phase("recovery", faults_end, timeline.total())};
  object["plan"] = json::array();
  for (const PlannedFault& fault : timeline.planned)
    object["plan"].push_back({{"name", fault.id},
                              {"kind", fault.kind},
                              {"start_ms", ms(timeline.warmup + fault.start)},
                              {"end_ms", ms(timeline.warmup + fault.start + fault.length)},
                              {"victims", fault.victims}});
  return line(object);
}

std::string live_phase(double at_ms, const std::string& name) {
  json object = event("phase", at_ms);
  object["name"] = name;
  return line(object);
}

std::string live_fault(double at_ms, const model::FaultWindow& window, FaultMoment moment) {
  constexpr std::array<const char*, 3> kStates{"armed", "ended", "failed"};
  std::uint64_t matched = 0, affected = 0, bytes = 0;
  json victims = json::array();
  for (const model::HostEffect& effect : window.effects) {
    victims.push_back(effect.host);
    matched += effect.counters.matched;
    affected += effect.counters.affected;
    bytes += effect.counters.bytes;
  }
  json object = event("fault", at_ms);
  object["name"] = window.id;
  object["kind"] = window.kind;
  object["state"] = kStates.at(static_cast<std::size_t>(moment));
  object["text"] = window.description;
  object["victims"] = std::move(victims);
  object["links"] = window.links;
  object["effect"] = effect_of(window.kind);
  object["counted"] = {{"matched", matched}, {"affected", affected}, {"bytes", bytes}};
  return line(object);
}

std::string live_role(double at_ms, const model::NodeEvent& event_of_node) {
  json object = event("role", at_ms);
  object["node"] = event_of_node.node;
  object["role"] = model::name(event_of_node.role);
  object["term"] = event_of_node.term;
  return line(object);
}

std::string live_node(double at_ms, const std::string& node, const std::string& state) {
  json object = event("node", at_ms);
  object["node"] = node;
  object["state"] = state;
  return line(object);
}

std::string live_log(double at_ms, const std::string& text) {
  json object = event("log", at_ms);
  object["level"] = "info";
  object["text"] = text;
  return line(object);
}

std::string live_verdict(double at_ms, const RunRecord& record) {
  json object = event("verdict", at_ms);
  object["verdict"] = verdict_word(record.outcome);
  object["headline"] = headline(record).sentence;
  object["exit_code"] = record.exit_code();
  return line(object);
}

std::string victims_become(const std::string& kind) {
  if (kind == "process.kill" || kind == "process.restart") return "down";
  return kind == "process.pause" ? "paused" : "";
}

std::string verdict_word(Outcome outcome) {
  std::string word(name(outcome));
  std::replace(word.begin(), word.end(), ' ', '-');
  return word;
}

}  // namespace fracas::controller
