#pragma once
#include <filesystem>

#include "controller/cli/signals.h"
#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "controller/run/live_stream.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

namespace fracas::controller {

// Whether the experiment's world is the simulated one, which needs no root.
bool is_simulated(const model::ExperimentFile& file);

// Who watches a run.
struct Audience {
  bool quiet = false;          // no progress on stderr
  LiveStream* live = nullptr;  // --live; null: nobody asked for it
};

// Runs an experiment once, in its world, after its control arm if it has one, whose runs stand in folders of their own
// below the directory; signals and duration_max end it early. A control arm that cannot be played ends it, too.
RunRecord run_once(const model::ExperimentFile& file, const Timeline& timeline, const std::filesystem::path& directory,
                   const Audience& audience, Signals& signals);

// The same with a control arm that was played already.
RunRecord run_after(const std::vector<ControlRun>& control, const model::ExperimentFile& file, const Timeline& timeline,
                    const std::filesystem::path& directory, Signals& signals);

// Whether this machine and this user can run it. ERRORS: root is missing, or a program, with the package it comes from.
Status runs_here(const model::ExperimentFile& file);

// Says so on stderr, and returns the exit code "could not run".
int could_not_run(std::string_view command, const Error& error);

// A new folder's name below fracas-runs, or `out` where it is given.
std::filesystem::path results_folder(const std::string& out, std::string_view name);

}  // namespace fracas::controller
