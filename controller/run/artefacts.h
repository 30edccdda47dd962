#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "controller/plan/timeline.h"
#include "controller/report/run_record.h"
#include "controller/run/judge.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

// The files of a run's directory, which is also the bundle to replay it from (docs/run-directory.md).
namespace fracas::controller {

// Makes the directory and writes what is known before the run: experiment.toml, plan.json.
// ERRORS: it exists and is not empty, or cannot be written.
Status begin_artefacts(const std::filesystem::path& directory, const model::Experiment& experiment,
                       const Timeline& timeline);

// Writes history.jsonl and nodes/NAME/events.jsonl of a run whose evidence was in memory only.
Status write_evidence(const std::filesystem::path& directory, const RunRecord& record);

// Writes what is known at its end: effects.jsonl, probes.jsonl, verdict.json, report.html, junit.xml, manifest.json.
Status finish_artefacts(const std::filesystem::path& directory, const RunRecord& record);

// Reads nodes/NAME/events.jsonl of every host that has one. ERRORS: "nodes/n1/events.jsonl: line N: what".
Result<std::vector<std::vector<model::NodeEvent>>> read_node_events(const std::filesystem::path& directory);

// Everything a run's directory holds for the checker. ERRORS: a file is missing or malformed.
Result<Evidence> read_evidence(const std::filesystem::path& directory);

}  // namespace fracas::controller
