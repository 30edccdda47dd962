#include <nlohmann/json.hpp>

#include "controller/classify/report.h"
#include "controller/report/wording.h"

namespace fracas::controller::classify {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Answers& answers) {
  return {{"asked", answers.asked}, {"answered", answers.answered}};
}

Json json_of(const TrialSummary& trial) {
  Json json{{"name", trial.trial.name}, {"stress", name(trial.trial.stress)},
            {"doc", trial.trial.doc},   {"weakest", trial.trial.weakest},
            {"runs", trial.runs},       {"operations", trial.operations}};
  for (std::size_t i = 0; i < 2; ++i) {
    Json& access = json[i == 0 ? "reads" : "updates"] = json_of(trial.access[i].answers);
    access["p50_ms"] = trial.access[i].p50_ms;
    access["p99_ms"] = trial.access[i].p99_ms;
  }
  Json& sides = json["sides"] = Json::array();
  for (const SideNumbers& side : trial.sides)
    sides.push_back(
        {{"nodes", side.nodes}, {"reads", json_of(side.answers[0])}, {"updates", json_of(side.answers[1])}});
  json["strongest"] = trial.strongest;
  json["broken"] = trial.weakest;
  if (!trial.lacking.empty()) json["lacking"] = trial.lacking;
  return json;
}

Json json_of(const std::array<Wait, 2>& waits) {
  Json json;
  for (std::size_t i = 0; i < 2; ++i) {
    Json& wait = json[i == 0 ? "reads" : "updates"] = {{"p50_ms", waits[i].p50_ms}};
    wait["round_trips"] = waits[i].round_trips ? Json(*waits[i].round_trips) : Json(nullptr);
  }
  return json;
}

Json json_of(const checker::Counterexample& proof) {
  Json operations = Json::array();
  for (const checker::ShownOperation& each : proof.operations)
    operations.push_back({{"process", each.client},
                          {"node", each.node},
                          {"what", operation_text(each, proof.key)},
                          {"invoke_ns", each.invoke_ns},
                          {"return_ns", each.return_ns == checker::kNever ? Json(nullptr) : Json(each.return_ns)}});
  return {{"sentence", proof.sentence}, {"operations", operations}};
}

Json json_of(const Report& report, const LevelSummary& level) {
  Json json{{"level", level.level}, {"held", level.held}, {"broken", level.broken}, {"undecided", level.undecided}};
  if (!level.broken_by) return json;
  const Measured& run = report.runs[*level.broken_by];
  const auto finding = std::ranges::find(run.levels, level.level, &LevelFinding::level);
  json["evidence"] = {{"trial", run.trial},
                      {"seed", run.seed},
                      {"run", report.folders[*level.broken_by]},
                      {"summary", finding->summary}};
  if (finding->counterexample) json["evidence"]["counterexample"] = json_of(*finding->counterexample);
  return json;
}

std::string_view code(Cap cap) {
  switch (cap) {
    case Cap::consistent:
      return "CP";
    case Cap::available:
      return "AP";
    case Cap::neither:
      return "P";
    case Cap::unclear:
      break;
  }
  return "unclear";
}

std::string_view code(Pacelc pacelc) {
  if (pacelc == Pacelc::unclear) return "unclear";
  return pacelc == Pacelc::consistency ? "EC" : "EL";
}

}  // namespace

std::string to_json(const Report& report) {
  const Classification& found = report.classification;
  Json json{{"format", 1},
            {"target", report.target},
            {"options", report.options},
            {"world", report.world},
            {"under_partition", code(found.cap)},
            {"linearizable_when_cut", found.split_linearizable},
            {"else", code(found.pacelc)},
            {"waits", json_of(found.own)}};
  if (found.has_weakest) json["waits_weakest"] = {{"options", report.weakest}, {"waits", json_of(found.weakest)}};
  json["strongest"] = found.strongest;
  json["weakest_broken"] = found.broken;
  Json& levels = json["levels"] = Json::array();
  for (const LevelSummary& level : found.levels) levels.push_back(json_of(report, level));
  Json& trials = json["trials"] = Json::array();
  for (const TrialSummary& trial : found.trials) trials.push_back(json_of(trial));
  Json& runs = json["runs"] = Json::array();
  for (std::size_t i = 0; i < report.runs.size(); ++i)
    runs.push_back({{"trial", report.runs[i].trial},
                    {"seed", report.runs[i].seed},
                    {"outcome", name(report.runs[i].outcome)},
                    {"reason", report.runs[i].reason},
                    {"operations", report.runs[i].operations},
                    {"run", report.folders[i]}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fracas::controller::classify
