#include "controller/run/artefacts.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "controller/plan/timeline_json.h"
#include "controller/probe/probe_log.h"
#include "controller/report/effects_jsonl.h"
#include "controller/report/report_files.h"
#include "controller/run/control_arm.h"
#include "lib/os/file.h"
#include "lib/pki/digest.h"

namespace fracas::controller {
namespace {

namespace fs = std::filesystem;

Status write(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  if (!out.flush()) return failure(path.string() + ": cannot be written");
  return {};
}

// What it was run with, and the hash of everything it left.
Result<std::string> manifest(const fs::path& directory, const RunRecord& record) {
  nlohmann::ordered_json document;
  document["name"] = record.name;
  document["seed"] = record.seed;
  document["fracas"] = record.fracas_version;
  document["kernel"] = record.kernel;
  document["started_at"] = record.started_at;
  document["outcome"] = name(record.outcome);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  auto& hashes = document["sha256"] = nlohmann::ordered_json::object();
  for (const fs::path& file : files) {
    const auto content = os::read_file(file);
    if (!content) return failure(content.error());
    hashes[file.lexically_relative(directory).string()] = pki::sha256_hex(*content);
  }
  return document.dump(2) + "\n";
}

}  // namespace

Status begin_artefacts(const fs::path& directory, const model::Experiment& experiment, const Timeline& timeline) {
  std::error_code error;
  fs::create_directories(directory / "nodes", error);
  if (error) return failure(fmt::format("{}: {}", directory.string(), error.message()), error.value());
  if (fs::exists(directory / "plan.json")) return failure(directory.string() + ": holds a run already");
  if (auto written = write(directory / "experiment.toml", model::to_toml(experiment)); !written) return written;
  return write(directory / "plan.json", timeline_json(timeline) + "\n");
}

Status write_evidence(const fs::path& directory, const RunRecord& record) {
  std::string history;
  for (const model::Event& event : record.history) history += model::to_json_line(event) + "\n";
  if (auto written = write(directory / "history.jsonl", history); !written) return written;
  std::map<std::string, std::string> nodes;
  for (const model::NodeEvent& event : record.node_events) nodes[event.node] += model::to_json_line(event) + "\n";
  for (const auto& [node, events] : nodes) {
    std::error_code error;
    fs::create_directories(directory / "nodes" / node, error);
    if (error) return failure((directory / "nodes" / node).string() + ": " + error.message(), error.value());
    if (auto written = write(directory / "nodes" / node / "events.jsonl", events); !written) return written;
  }
  return {};
}

Status finish_artefacts(const fs::path& directory, const RunRecord& record) {
  if (auto written = write_reports(record, directory); !written) return written;
  if (!record.probes.empty())
    if (auto written = write(directory / "probes.jsonl", write_probes(record.probes)); !written) return written;
  if (!record.control.empty())
    if (auto written = write(directory / "control.jsonl", write_control(record.control)); !written) return written;
  auto text = manifest(directory, record);
  if (!text) return failure(std::move(text).error());
  return write(directory / "manifest.json", *text);
}

Result<std::vector<std::vector<model::NodeEvent>>> read_node_events(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& host : fs::directory_iterator(directory / "nodes", missing))
    if (fs::exists(host.path() / "events.jsonl")) files.push_back(host.path() / "events.jsonl");
  std::sort(files.begin(), files.end());
  std::vector<std::vector<model::NodeEvent>> nodes;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    auto events = model::read_node_events(in);
    if (!events) return failure(std::move(events).error().context(file.lexically_relative(directory).string()));
    nodes.push_back(std::move(*events));
  }
  return nodes;
}

Result<Evidence> read_evidence(const fs::path& directory) {
  Evidence evidence;
  std::ifstream history_file(directory / "history.jsonl");
  if (!history_file) return failure((directory / "history.jsonl").string() + ": cannot be read");
  auto history = model::read_history(history_file);
  if (!history) return failure(std::move(history).error().context("history.jsonl"));
  evidence.history = std::move(*history);
  std::ifstream effects_file(directory / "effects.jsonl");
  auto faults = read_effects(effects_file);
  if (!faults) return failure(std::move(faults).error().context("effects.jsonl"));
  evidence.faults = std::move(*faults);
  if (std::ifstream control_file(directory / "control.jsonl"); control_file) {
    auto control = read_control(control_file);
    if (!control) return failure(std::move(control).error().context("control.jsonl"));
    evidence.control = std::move(*control);
  }
  if (std::ifstream probes_file(directory / "probes.jsonl"); probes_file) {
    auto probes = read_probes(probes_file);
    if (!probes) return failure(std::move(probes).error().context("probes.jsonl"));
    evidence.probes = std::move(*probes);
  }
  auto nodes = read_node_events(directory);
  if (!nodes) return failure(std::move(nodes).error());
  evidence.node_events = std::move(*nodes);
  return evidence;
}

}  // namespace fracas::controller
