#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "checker/catalogue.h"
#include "checker/history/history_builder.h"
#include "controller/cli/commands.h"
#include "controller/cli/reading.h"
#include "controller/report/summary.h"
#include "controller/report/verdict_json.h"
#include "controller/run/artefacts.h"
#include "controller/run/judge.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

// A record that holds nothing but what was checked.
RunRecord record_of(const std::string& name, std::vector<checker::CheckResult> checks, const Evidence& evidence,
                    std::span<const std::string> faults_planned) {
  RunRecord record;
  record.name = name;
  const Judgement judgement = judge(checks, evidence, faults_planned);
  record.outcome = judgement.outcome;
  record.reason = judgement.reason;
  record.checks = std::move(checks);
  record.faults = evidence.faults;
  return record;
}

// A run's directory, judged again by the checks of its experiment.
Result<RunRecord> check_run(const std::filesystem::path& directory) {
  auto file = read_experiment_file((directory / "experiment.toml").string(), {});
  if (!file) return failure(std::move(file).error());
  auto evidence = read_evidence(directory);
  if (!evidence) return failure(std::move(evidence).error().context(directory.string()));
  auto checks = run_checks(file->experiment(), *evidence);
  if (!checks) return failure(std::move(checks).error().context(directory.string()));
  std::vector<std::string> names;
  for (const model::FaultSpec& fault : file->experiment().fault()) names.push_back(fault.name());
  RunRecord record = record_of(file->experiment().name(), std::move(*checks), *evidence, names);
  record.expect_violated = file->experiment().expect() == model::EXPECTATION_VIOLATED;
  return record;
}

// Anybody's history alone: is it linearizable?
Result<RunRecord> check_history(const CheckCommand& command) {
  if (command.model.empty())
    return failure("a history alone does not say its model: add --model (\"fracas models\" lists them)");
  const auto model = checker::find_model(command.model == "append" ? "list-append" : command.model);
  if (!model) return failure(model.error());
  Evidence evidence;
  std::ifstream in;
  if (command.history != "-") {
    in.open(command.history);
    if (!in) return failure(command.history + ": cannot be read");
  }
  auto history = model::read_history(command.history == "-" ? std::cin : in);
  if (!history) return failure(std::move(history).error().context(command.history));
  evidence.history = std::move(*history);
  const auto operations = checker::history_of(evidence.history);
  if (!operations) return failure(Error(operations.error()).context(command.history));
  auto result = checker::check(*operations, **model, {});
  if (!result) return failure(std::move(result).error().context(command.history));
  return record_of(command.history, {std::move(*result)}, evidence, {});
}

}  // namespace

int check_command(const CheckCommand& command) {
  auto record = std::filesystem::is_directory(command.history) ? check_run(command.history) : check_history(command);
  if (!record) return bad_input(record.error());
  if (command.json) {
    fmt::print("{}\n", verdict_json(*record));
  } else {
    fmt::print("{}", summary(*record, {}));
  }
  return record->exit_code();
}

}  // namespace fracas::controller
