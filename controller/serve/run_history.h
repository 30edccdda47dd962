#pragma once
#include <filesystem>

#include "controller/serve/run_folders.h"
#include "lib/base/result.h"

namespace fracas::controller {

// The columns (controller/report/history_bin.h) of a run that is done, in a file beside it, made when first asked for;
// the history is read a line at a time and never in memory as a whole. Thread: any.
// ERRORS: code ENOENT, the run has no history.
Result<std::filesystem::path> history_columns_of(const RunFolders& folders, const std::string& id);

}  // namespace fracas::controller
