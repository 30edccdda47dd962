#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>

#include "checker/catalogue.h"
#include "checker/check.h"
#include "checker/explain/fault_context.h"
#include "checker/explain/picture.h"
#include "checker/fitting_models.h"
#include "checker/history/recorded_faults.h"
#include "checker/readers/node_events.h"
#include "checker/structures/object_check.h"
#include "controller/cli/commands.h"
#include "controller/cli/follow.h"
#include "controller/cli/history_record.h"
#include "controller/cli/history_source.h"
#include "controller/reading/reading.h"
#include "controller/report/summary.h"
#include "controller/report/verdict_json.h"
#include "controller/run/artefacts.h"
#include "controller/run/judge.h"
#include "controller/run/transition_file.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

constexpr std::string_view kRaft = "raft";  // the one model that is no list of clients' operations
using Clock = std::chrono::steady_clock;

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

// "register, cas-register or list-append", for people.
std::string listed(std::span<const checker::ModelKind* const> kinds) {
  std::string text;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (i > 0) text += i + 1 == kinds.size() ? " or " : ", ";
    text += kinds[i]->name;
  }
  return text;
}

// Without a model: which ones there are for what this history asks.
Error missing_model(checker::History& history) {
  const auto kinds = checker::fitting_models(history);
  if (kinds.empty())
    return {"a history does not say its model, and none knows all that this one asks for; fracas models lists them"};
  return {fmt::format("a history does not say its model; add --model {} (fracas models tells what they are)",
                      listed(kinds))};
}

Result<checker::Request> request_of(const CheckCommand& command, checker::Format format) {
  checker::Request request;
  request.level = command.level;
  request.fail = checker::fail_meaning(format);
  if (command.fail == "mismatch") request.fail = checker::FailMeans::mismatch;
  if (command.fail == "did-not-happen") request.fail = checker::FailMeans::did_not_happen;
  for (const std::string& parameter : command.parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos) return failure(fmt::format("--param takes NAME=VALUE, not \"{}\"", parameter));
    if (!request.parameters.emplace(parameter.substr(0, equals), parameter.substr(equals + 1)).second)
      return failure(fmt::format("--param {} is given twice", parameter.substr(0, equals)));
  }
  request.budget.threads = command.threads;
  request.budget.configurations_per_key = command.configurations_max;
  request.budget.bytes_per_key = command.memory_max_mib << 20U;
  request.budget.witness = !command.witness.empty();
  if (command.seconds_max > 0)
    request.budget.give_up = [end = Clock::now() + std::chrono::duration<double>(command.seconds_max)] {
      return Clock::now() >= end;
    };
  return request;
}

// The orders that prove what is linearizable, a key a line.
Result<void> write_witnesses(const std::string& path, const checker::CheckResult& result) {
  std::ofstream out(path);
  for (const checker::Witness& witness : result.witnesses)
    fmt::print(out, "{}\n", nlohmann::ordered_json{{"key", witness.key}, {"invocations", witness.invocations}}.dump());
  if (!out.flush()) return failure(path + ": cannot be written");
  return {};
}

// The model that a command names: one of the catalogue, or a table in a file.
using Judge = std::function<Result<checker::CheckResult>(const checker::History&, const checker::Request&)>;
Result<Judge> judge_of(const std::string& model) {
  if (model.ends_with(".toml")) {
    auto table = read_transitions(model);
    if (!table) return failure(std::move(table).error());
    return [table = *std::move(table)](const checker::History& history, const checker::Request& request) {
      return checker::check_transitions(history, table, request);
    };
  }
  const auto kind = checker::find_model(model);
  if (!kind) return failure(kind.error());
  return [kind = *kind](const checker::History& history, const checker::Request& request) {
    return checker::check(history, *kind, request);
  };
}

// What the nodes of a Raft cluster said, against its invariants.
Result<RunRecord> check_nodes(const CheckCommand& command, const checker::Text& text, checker::Format format) {
  if (!command.model.empty() && command.model != kRaft)
    return failure(fmt::format("{}: tells of nodes; it is checked as --model {}", text.name, kRaft));
  const auto nodes = checker::read_nodes(text, format);
  if (!nodes) return failure(nodes.error());
  const auto request = request_of(command, format);
  if (!request) return failure(request.error());
  const auto voters = checker::integer_parameter(*request, "voters", 0, 0);
  if (!voters) return failure(voters.error());
  auto result = checker::check_raft(*nodes, {}, static_cast<std::size_t>(*voters));
  result.details.insert(result.details.begin(), fmt::format("read as {}", checker::name(format)));
  return record_of_history(command.history, std::move(result), true);
}

// Anybody's history alone, against one model.
Result<RunRecord> check_history(const CheckCommand& command) {
  auto source = HistorySource::open(command.history);
  if (!source) return failure(std::move(source).error());
  const auto format = format_of(*source, command.format);
  if (!format) return failure(format.error());
  if (checker::tells_of_nodes(*format)) return check_nodes(command, source->text(), *format);
  Judge judge;
  if (!command.model.empty()) {
    if (command.model == kRaft)
      return failure(fmt::format("{}: tells of clients; {} is checked on what nodes say (fracas check --help)",
                                 command.history, kRaft));
    auto found = judge_of(command.model);
    if (!found) return failure(std::move(found).error());
    judge = *std::move(found);
  }
  checker::ReadOptions options;
  options.keyed_values = command.keyed_values;
  options.completions_only = command.completions_only;
  auto reading = read_source(*source, *format, options);
  if (!reading) return failure(std::move(reading).error());
  if (!judge) return failure(missing_model(reading->history));
  auto request = request_of(command, reading->format);
  if (!request) return failure(std::move(request).error());
  const std::vector<model::FaultWindow> faults = checker::recorded_faults(reading->history);
  request->faults = faults;
  auto result = judge(reading->history, *request);
  if (!result) return failure(std::move(result).error().context(command.history));
  if (result->counterexample)
    checker::add_moments(*result->counterexample, checker::recorded_moments(reading->history));
  if (!command.witness.empty())
    if (auto written = write_witnesses(command.witness, *result); !written) return failure(std::move(written).error());
  result->details.insert(result->details.begin(), reading->notes.begin(), reading->notes.end());
  result->details.insert(result->details.begin(), fmt::format("read as {}", checker::name(reading->format)));
  const auto& operations = reading->history.operations;
  const bool worked = std::any_of(operations.begin(), operations.end(),
                                  [](const auto& each) { return each.outcome == checker::Outcome::ok; });
  return record_of_history(command.history, std::move(*result), worked);
}

// The picture of the first violation, if there is one.
Status write_picture(const RunRecord& record, const std::string& path) {
  for (const checker::CheckResult& check : record.checks)
    if (check.counterexample) return os::write_file_durably(path, checker::draw(*check.counterexample));
  fmt::print(stderr, "{}: not written, there is no violation to show\n", path);
  return {};
}

}  // namespace

int check_command(const CheckCommand& command) {
  auto record = std::filesystem::is_directory(command.history) ? check_run(command.history)
                : command.follow                               ? follow_history(command)
                                                               : check_history(command);
  if (!record) return bad_input(record.error());
  if (!command.svg.empty())
    if (const Status written = write_picture(*record, command.svg); !written) return bad_input(written.error());
  if (command.json) {
    fmt::print("{}\n", verdict_json(*record));
  } else {
    fmt::print("{}", summary(*record, {}));
  }
  return record->exit_code();
}

}  // namespace fracas::controller
