#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/report/run_record.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// What a run left behind for the checker.
struct Evidence {
  std::vector<model::Event> history;
  std::vector<std::vector<model::NodeEvent>> node_events;  // one list a node, each in the order of its file
  std::vector<model::FaultWindow> faults;
  std::vector<ProbeRecord> probes{};
  std::vector<ControlRun> control{};  // empty: there was no control arm
};

// Runs every check of the experiment over the evidence, and judges what its probes measured.
// ERRORS: the history is malformed, which is a bug of the workload's recorder.
Result<std::vector<checker::CheckResult>> run_checks(const model::Experiment& experiment, const Evidence& evidence);

// How a run that went through to its end came out, and why, in one sentence: violated before vacuous before undecided
// before pass. Vacuous: a fault of which no occurrence affected anything, or a workload without one success.
struct Judgement {
  Outcome outcome = Outcome::pass;
  std::string reason;
};
Judgement judge(const std::vector<checker::CheckResult>& checks, const Evidence& evidence,
                std::span<const std::string> faults_planned);

}  // namespace fracas::controller
