#pragma once
#include <string>

#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "controller/run/judge.h"
#include "lib/model/experiment.h"

// The parts of a run's record that do not depend on where it ran.
namespace fracas::controller {

// What the experiment and its timeline say beforehand. `world` and `kernel` are left to who makes the world.
RunRecord begin_record(const model::Experiment& experiment, const Timeline& timeline);

// What the evidence shows: outcome, checks, history and node events go into `record`. ERRORS: never; a history that
// breaks its own rules makes the outcome "could not run".
void judge_into(RunRecord& record, const model::Experiment& experiment, const Timeline& timeline, Evidence evidence);

// Moves the evidence into the record, node events merged by time.
void keep_evidence(RunRecord& record, Evidence evidence);

// "raft, 5 nodes, bugs: stale-read", for people.
std::string describe_target(const model::Experiment& experiment);

}  // namespace fracas::controller
