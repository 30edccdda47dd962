#pragma once
#include <filesystem>

#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "controller/run/abort.h"
#include "controller/run/live_report.h"
#include "controller/run/progress.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

struct RunOptions {
  const model::ExperimentFile& file;
  const Timeline& timeline;
  std::filesystem::path directory;  // made here; what the run leaves for people and for replays
  Abort& abort;                     // a signal or a bound ends the run through it: heal, collect, report `aborted`
  Progress& progress;
  std::vector<ControlRun> control{};  // what the control arm showed; empty: there was none
  LiveReport* live = nullptr;         // also told of it all, where there is one
};

// Runs one experiment end to end: builds the world, starts the target, drives clients, injects, heals, checks, writes
// the run's directory and tears the world down. Whatever happens is in the record; nothing is left behind, and where
// something is, the outcome says so.
RunRecord run_experiment(const RunOptions& options);

}  // namespace fracas::controller
