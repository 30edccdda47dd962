#pragma once
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "checker/verdict.h"
#include "controller/probe/measurement.h"
#include "lib/base/result.h"

// `probes.jsonl`: what the probes of a run measured. One line says what a probe is, the lines after it what it
// measured:
//   {"probe":"health","kind":"http","what":"GET http://10.77.0.11:8080/health","from":"clients","passed_min":1.0}
//   {"time":81,"took":2,"part":"before","passed":true,"value":null,"says":"status 200","counts":true,"decides":false}
// Times are CLOCK_BOOTTIME nanoseconds.
namespace fracas::controller {

// The whole file's content.
std::string write_probes(const std::vector<ProbeRecord>& probes);
// Blank lines are skipped. ERRORS: "line N: what".
Result<std::vector<ProbeRecord>> read_probes(std::istream& in);

std::string_view name(RunPart part);

// What a probe showed, as a check of its own, "probe NAME": violated where the last measurement after the faults
// failed, or fewer passed than must; undecided where nothing was measured that says anything.
checker::CheckResult judge_probe(const ProbeRecord& probe);

}  // namespace fracas::controller
