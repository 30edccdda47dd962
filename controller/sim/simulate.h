#pragma once
#include <cstdint>
#include <filesystem>

#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

// The simulated world: the same experiment, clients, faults and checks in virtual time, in one thread, from one seed.
namespace fracas::controller {

// What a simulation did, for measuring it.
struct SimCost {
  Duration simulated{};
  std::uint64_t actions = 0;
  std::uint64_t packets = 0;
  double run_seconds = 0;  // of processor time, without judging; REQUIRES: no other thread works meanwhile
};

// ERRORS: "file:line:column: what": a fault or a check that needs real hosts.
Status can_simulate(const model::ExperimentFile& file);

// Runs one experiment end to end and judges it; touches nothing outside of this process and writes nothing. The same
// experiment and seed give the same history, node events and effects, byte by byte, on any machine.
// REQUIRES: can_simulate. Thread: any, each run is its own world.
// `control`: what the control arm showed; empty: there was none.
RunRecord simulate(const model::Experiment& experiment, const Timeline& timeline, SimCost* cost = nullptr,
                   const std::vector<ControlRun>& control = {});

// The same, and writes the run's directory as a run in a real world does (docs/run-directory.md). What cannot be
// written makes the outcome "could not run".
RunRecord simulate_into(const std::filesystem::path& directory, const model::Experiment& experiment,
                        const Timeline& timeline, const std::vector<ControlRun>& control = {});

}  // namespace fracas::controller
