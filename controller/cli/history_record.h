#pragma once
#include <string>

#include "checker/verdict.h"
#include "controller/report/run_record.h"

namespace fracas::controller {

// How a history alone came out. One without a success is no workload of ours that went wrong: it is judged as it is.
// `worked`: some operation succeeded.
RunRecord record_of_history(const std::string& name, checker::CheckResult result, bool worked);

}  // namespace fracas::controller
