#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "controller/run/injector.h"
#include "lib/model/effect.h"

// The lines of `fracas run --live`, one JSON object each (lib/model/api.proto, LiveEvent). Pure. Times in them are
// milliseconds since the start of the warm-up.
namespace fracas::controller {

// Milliseconds between two moments of one clock.
double ms_between(std::int64_t from_ns, std::int64_t to_ns);

struct LiveBegin {
  std::string run;  // the name of its folder
  std::string name;
  std::uint32_t clients = 0;
  const Timeline& timeline;
};
std::string live_begin(const LiveBegin& begin);
// warm-up, faults, recovery; healed: every fault is over, and the run ends before its time.
std::string live_phase(double at_ms, const std::string& name);
std::string live_fault(double at_ms, const model::FaultWindow& window, FaultMoment moment);
std::string live_role(double at_ms, const model::NodeEvent& event);
// `state`: up, down or paused.
std::string live_node(double at_ms, const std::string& node, const std::string& state);
std::string live_log(double at_ms, const std::string& text);
std::string live_verdict(double at_ms, const RunRecord& record);

// What a fault makes of its victims while it acts: "down", "paused", or "" where they go on.
std::string victims_become(const std::string& kind);

// "pass", "violated", "could-not-run": an outcome as the API writes it. One that was expected is still what it was.
std::string verdict_word(Outcome outcome);

}  // namespace fracas::controller
