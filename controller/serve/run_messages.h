#pragma once
#include "controller/serve/run_control.h"

namespace fracas::api {
class Run;
class RunSummary;
}  // namespace fracas::api

namespace fracas::controller {

void fill(api::RunSummary& message, const StoredRun& run);

// All that is known of a run: from its events, its notes, and the verdict.json and files of its folder.
// ERRORS: the store's; code ENOENT, no such run.
Status fill(api::Run& message, const std::string& id, const RunControl& runs, Database& database);

// What a run's summary and details are together, as one JSON object.
std::string run_json(const api::Run& run);

}  // namespace fracas::controller
