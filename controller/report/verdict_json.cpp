#include "controller/report/verdict_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "controller/report/effects_jsonl.h"
#include "controller/report/headline.h"

namespace fracas::controller {
namespace {

using json = nlohmann::ordered_json;

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

std::string_view outcome_name(checker::Outcome outcome) {
  constexpr std::array<std::string_view, 3> kNames{"ok", "fail", "info"};
  return kNames[static_cast<std::size_t>(outcome)];
}

json operation_to_json(const checker::ShownOperation& operation) {
  json object;
  object["client"] = operation.client;
  object["node"] = operation.node;
  object["f"] = operation.function;
  object["argument"] = text_or_null(operation.argument);
  object["result"] = text_or_null(operation.result);
  object["outcome"] = outcome_name(operation.outcome);
  object["invoke"] = operation.invoke_ns;
  object["return"] = operation.return_ns == checker::kNever ? json(nullptr) : json(operation.return_ns);
  return object;
}

// "order" and "refused" hold the operations' places in "operations", from 0.
json dead_end_to_json(const checker::DeadEnd& end) {
  json object{{"start", text_or_null(end.start)}, {"order", json::array()}, {"refused", json::array()}};
  for (const auto& step : end.order)
    object["order"].push_back({{"operation", step.operation}, {"holds", text_or_null(step.holds)}});
  for (const auto& refusal : end.refusals)
    object["refused"].push_back({{"operation", refusal.operation}, {"why", refusal.why}});
  return object;
}

json counterexample_to_json(const checker::Counterexample& example) {
  json object;
  object["key"] = example.key;
  object["sentence"] = example.sentence;
  object["moment"] = example.moment_ns;
  object["fault_windows"] = example.fault_windows;
  object["fault_sentence"] = example.fault_sentence;
  object["operations"] = json::array();
  for (const auto& operation : example.operations) object["operations"].push_back(operation_to_json(operation));
  object["marks"] = json::array();
  for (const auto& mark : example.marks) object["marks"].push_back({{"time", mark.time_ns}, {"what", mark.what}});
  object["dead_ends"] = json::array();
  for (const auto& end : example.dead_ends) object["dead_ends"].push_back(dead_end_to_json(end));
  object["cycle"] = json::array();
  for (const auto& edge : example.cycle)
    object["cycle"].push_back({{"from", edge.from}, {"to", edge.to}, {"label", edge.label}, {"why", edge.why}});
  object["events"] = json::array();
  // A node's names come from outside: a line that is no JSON goes in as a text.
  for (const model::NodeEvent& event : example.events) {
    const std::string line = model::to_json_line(event);
    json parsed = json::parse(line, nullptr, false);
    object["events"].push_back(parsed.is_discarded() ? json(line) : std::move(parsed));
  }
  return object;
}

json check_to_json(const checker::CheckResult& check) {
  json object;
  object["kind"] = check.kind;
  object["verdict"] = checker::name(check.verdict);
  object["summary"] = check.summary;
  object["details"] = check.details;
  object["numbers"] = json::object();
  for (const auto& [name, value] : check.numbers) object["numbers"][name] = value;
  object["counterexample"] = check.counterexample ? counterexample_to_json(*check.counterexample) : json(nullptr);
  return object;
}

json probe_to_json(const ProbeRecord& probe) {
  json object{{"name", probe.name},
              {"kind", probe.kind},
              {"what", probe.description},
              {"from", probe.from},
              {"passed_min", probe.passed_min},
              {"measurements", probe.samples.size()}};
  object["failures"] = std::count_if(probe.samples.begin(), probe.samples.end(),
                                     [](const ProbeSample& sample) { return !sample.measurement.passed; });
  return object;
}

json phases_to_json(const PhaseTimes& phases) {
  json object;
  object["warmup"] = phases.warmup_ns;
  object["faults"] = phases.faults_ns;
  object["recover"] = phases.recover_ns;
  object["end"] = phases.end_ns;
  return object;
}

json operations_to_json(const RunRecord& record) {
  std::array<std::uint64_t, 4> counts{};
  for (const model::Event& event : record.history) ++counts[static_cast<std::size_t>(event.type)];
  json object;
  object["invoked"] = counts[0];
  object["ok"] = counts[1];
  object["fail"] = counts[2];
  object["info"] = counts[0] - std::min(counts[0], counts[1] + counts[2]);  // one without a completion is unknown too
  object["shed"] = record.operations_shed;
  return object;
}

}  // namespace

std::string verdict_json(const RunRecord& record) {
  json object;
  object["format"] = 1;
  object["name"] = record.name;
  object["doc"] = record.doc;
  object["outcome"] = name(record.outcome);
  object["expected"] = record.expect_violated ? "violated" : "pass";
  object["exit_code"] = record.exit_code();
  object["verdict"] = headline(record).verdict;
  object["reason"] = headline(record).sentence;
  object["seed"] = record.seed;
  object["versions"] = {{"fracas", record.fracas_version}, {"kernel", record.kernel}};
  object["started_at"] = record.started_at;
  object["world"] = record.world;
  object["target"] = record.target;
  object["workload"] = record.workload;
  object["hosts"] = record.hosts;
  object["phases"] = phases_to_json(record.phases);
  object["operations"] = operations_to_json(record);
  object["checks"] = json::array();
  for (const checker::CheckResult& check : record.checks) object["checks"].push_back(check_to_json(check));
  object["control"] = json::array();
  for (const ControlRun& run : record.control)
    object["control"].push_back({{"seed", run.seed},
                                 {"operations", run.operations},
                                 {"seconds", run.seconds},
                                 {"ok_rate", run.ok_rate},
                                 {"latency_p50_ms", run.latency_p50_ms},
                                 {"latency_p99_ms", run.latency_p99_ms},
                                 {"silence_s", run.silence_s}});
  object["probes"] = json::array();
  for (const ProbeRecord& probe : record.probes) object["probes"].push_back(probe_to_json(probe));
  object["faults"] = json::array();
  for (const model::FaultWindow& fault : record.faults) {
    json item = json::parse(to_json_line(fault));
    item["had_effect"] = fault.had_effect();
    object["faults"].push_back(std::move(item));
  }
  object["leftovers"] = record.leftovers;
  return object.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

}  // namespace fracas::controller
