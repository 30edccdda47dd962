#pragma once
#include <string>
#include <vector>

#include "controller/gate/gate.h"

// What a gate tells the systems around it. Pure.
namespace fracas::controller {

// One test suite an experiment: a case for each run, one for each comparison. Readers as for report/junit.h.
std::string gate_junit(const std::vector<GateResult>& results);

// SARIF 2.1.0: one result for each experiment that did not pass, at its line. Source: the OASIS standard.
std::string gate_sarif(const std::vector<GateResult>& results);

// A table for a job's summary or a merge request.
std::string gate_markdown(const std::vector<GateResult>& results);

// GitHub's workflow commands, one line for each experiment that did not pass: "::error file=…,line=…::…".
std::string gate_annotations(const std::vector<GateResult>& results);

// For people at a terminal or in a log.
std::string gate_text(const std::vector<GateResult>& results);

}  // namespace fracas::controller
