#pragma once
#include <string>

#include "controller/report/run_record.h"

// `verdict.json`: the whole result of a run for machines, without its history. Times are CLOCK_BOOTTIME nanoseconds.
//   format        1; grows when a member changes its meaning, not when one is added
//   outcome       how it ended, as in run_record.h; `expected` is "pass" or "violated", `exit_code` honours it
//   checks        kind, verdict, summary, details, numbers (units in their names), counterexample or null
//   faults        as in effects.jsonl, and had_effect
namespace fracas::controller {

// Indented, with a newline at the end. Bytes that are not UTF-8 become U+FFFD.
std::string verdict_json(const RunRecord& record);

}  // namespace fracas::controller
