#pragma once
#include <string>

#include "controller/report/run_record.h"

namespace fracas::controller {

// `report.html`: one file that needs nothing else and asks nobody anything, with the run's data inside. At most about
// 12 MB: histories above kOperationsDrawnMax operations are sampled, never their failures.
std::string report_html(const RunRecord& record);

}  // namespace fracas::controller
