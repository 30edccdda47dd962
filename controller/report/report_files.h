#pragma once
#include <filesystem>

#include "controller/report/run_record.h"
#include "lib/base/result.h"

namespace fracas::controller {

// Writes effects.jsonl, verdict.json, junit.xml and report.html into `folder`, which exists. Each file is replaced in
// one step. ERRORS: the first file that could not be written; the others are written all the same.
Status write_reports(const RunRecord& record, const std::filesystem::path& folder);

}  // namespace fracas::controller
