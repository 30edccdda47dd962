#pragma once
#include <string>

#include "controller/report/run_record.h"

// The closing text of a run on the terminal, for somebody who has not read the experiment.
namespace fracas::controller {

struct SummaryOptions {
  bool colour = false;      // ANSI escape sequences; meant for terminals only
  std::string report_path;  // where report.html is; empty: the line is left out
};

// Several lines, with a newline at the end: verdict, what was tested, faults and what they did, checks with their
// numbers, the counterexample, what was left behind, where the report is.
// Control characters of names and messages never reach the terminal.
std::string summary(const RunRecord& record, const SummaryOptions& options);

}  // namespace fracas::controller
