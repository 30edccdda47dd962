#include "controller/classify/measure.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "checker/history/history_builder.h"
#include "checker/invariants/availability.h"

namespace fracas::controller::classify {
namespace {

using checker::Function;
using checker::History;
using checker::Operation;

Access access_of(const Operation& operation) {
  const bool looks = operation.function == Function::read || operation.function == Function::poll;
  return looks ? Access::read : Access::update;
}

// "c7.2" is a life of client 7; clients take the sides in turn, as Workload::near says.
std::size_t side_of(std::string_view process, std::size_t sides) {
  std::size_t number = 1;
  if (process.starts_with('c')) std::from_chars(process.data() + 1, process.data() + process.size(), number);
  return (number - 1) % sides;
}

void count(Answers& answers, const Operation& operation) {
  ++answers.asked;
  if (checker::answered(operation)) ++answers.answered;
}

void measure_access(const History& history, const PhaseTimes& phases, Measured& measured) {
  std::array<std::vector<std::int64_t>, 2> times;
  for (const Operation& operation : history.operations) {
    if (operation.invoke_ns < phases.faults_ns || operation.invoke_ns >= phases.recover_ns) continue;
    const auto access = static_cast<std::size_t>(access_of(operation));
    count(measured.access[access].answers, operation);
    if (checker::answered(operation)) times[access].push_back(operation.return_ns - operation.invoke_ns);
  }
  for (std::size_t i = 0; i < times.size(); ++i)
    measured.access[i].latency = checker::quantiles_of(std::move(times[i]));
}

void measure_sides(const History& history, const Trial& trial, const PhaseTimes& phases, Measured& measured) {
  for (const auto& nodes : trial.sides) measured.sides.push_back({.nodes = nodes, .answers = {}});
  if (measured.sides.empty()) return;
  const std::int64_t noticed_ns = phases.faults_ns + (phases.recover_ns - phases.faults_ns) / 2;
  for (const Operation& operation : history.operations) {
    if (operation.invoke_ns < noticed_ns || operation.invoke_ns >= phases.recover_ns) continue;
    // What began under the partition and was answered after it does not count as answered under it.
    Operation under = operation;
    if (under.return_ns > phases.recover_ns) under.outcome = checker::Outcome::info;
    SideNumbers& side = measured.sides[side_of(history.processes[operation.process], measured.sides.size())];
    count(side.answers[static_cast<std::size_t>(access_of(operation))], under);
  }
}

}  // namespace

Answers& Answers::operator+=(const Answers& other) {
  asked += other.asked;
  answered += other.answered;
  return *this;
}

Result<Measured> measure(const Trial& trial, const Ladder& ladder, const RunRecord& record) {
  Measured measured{.trial = trial.name,
                    .seed = record.seed,
                    .outcome = record.outcome,
                    .reason = record.reason,
                    .operations = 0,
                    .access = {},
                    .sides = {},
                    .levels = {}};
  const auto history = checker::history_of(record.history);
  if (!history) return failure(history.error());
  measured.operations = history->operations.size();
  if (!measured.counts()) return measured;
  measure_access(*history, record.phases, measured);
  measure_sides(*history, trial, record.phases, measured);
  if (trial.weakest) return measured;
  auto levels = judge_history(ladder, *history, record.faults);
  if (!levels) return failure(std::move(levels).error());
  measured.levels = std::move(*levels);
  return measured;
}

}  // namespace fracas::controller::classify
