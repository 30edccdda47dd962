#pragma once
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "checker/invariants/availability.h"
#include "controller/report/run_record.h"
#include "lib/base/result.h"

namespace fracas::model {
class AvailabilityCheck;
class Experiment;
}  // namespace fracas::model

// The same workload without faults: what a system's numbers are, and how far they spread, when nothing is done to it.
namespace fracas::controller {

// The experiment of one run of the control arm: as long as `control.for`, without faults, probes and checks.
// REQUIRES: it has a control arm.
model::Experiment control_of(const model::Experiment& experiment);

// What is kept of such a run.
ControlRun measure_control(const RunRecord& record);

// Adds to the goals what the check says of the control arm: of its worst run. REQUIRES: there is one.
void add_control_goals(const model::AvailabilityCheck& check, std::span<const ControlRun> control,
                       checker::AvailabilityGoals& goals);

// "2 runs without faults: ok-rate 99.9% to 100%, latency p50 1.2 ms to 1.3 ms, p99 3.1 ms to 4.6 ms". REQUIRES: one.
std::string control_text(std::span<const ControlRun> control);

// `control.jsonl`: one run a line, members as those of ControlRun. ERRORS: "line N: what".
std::string write_control(std::span<const ControlRun> control);
Result<std::vector<ControlRun>> read_control(std::istream& in);

}  // namespace fracas::controller
