#pragma once
#include <string>
#include <string_view>

#include "controller/report/run_record.h"

namespace fracas::controller {

// `report.html`: one file that needs nothing else and asks nobody anything, with the run's data inside. At most about
// 12 MB: histories above kOperationsDrawnMax operations are sampled, never their failures.
std::string report_html(const RunRecord& record);

// The page_data() that stands in a report; "" where there is none. Borrows it.
std::string_view data_of_report(std::string_view html);

}  // namespace fracas::controller
