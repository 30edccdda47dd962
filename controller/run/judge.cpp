#include "controller/run/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/check.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

using checker::CheckResult;

Result<CheckResult> run_check(const model::CheckSpec& spec, checker::Model model, const Evidence& evidence) {
  switch (spec.kind_case()) {
    case model::CheckSpec::kLinearizable: {
      checker::Budget budget;
      budget.configurations_per_key = spec.linearizable().configurations_max();
      budget.bytes_per_key = spec.linearizable().memory_max();
      return checker::check_linearizable(evidence.history, model, budget, evidence.faults);
    }
    case model::CheckSpec::kRaft:
      return checker::check_raft(evidence.node_events, evidence.faults);
    case model::CheckSpec::kAvailability: {
      checker::AvailabilityGoals goals;
      if (spec.availability().has_recovered_within())
        goals.recovered_within = model::from_proto(spec.availability().recovered_within());
      if (spec.availability().ok_rate_min() > 0) goals.ok_rate_min = spec.availability().ok_rate_min();
      return checker::check_availability(evidence.history, goals, evidence.faults);
    }
    case model::CheckSpec::KIND_NOT_SET:
      break;
  }
  return failure("a check without a kind");
}

// The first fault by name that affected nothing in any of its occurrences.
std::string fault_without_effect(const Evidence& evidence, std::span<const std::string> planned) {
  for (const std::string& name : planned) {
    const bool acted =
        std::any_of(evidence.faults.begin(), evidence.faults.end(),
                    [&](const model::FaultWindow& fault) { return fault.name == name && fault.had_effect(); });
    if (!acted) return name;
  }
  return {};
}

}  // namespace

checker::Model model_of(const model::Experiment& experiment) {
  switch (experiment.workload().kind_case()) {
    case model::Workload::kCasRegister:
      return checker::Model::cas_register;
    case model::Workload::kAppend:
      return checker::Model::list_append;
    default:
      return checker::Model::reg;
  }
}

Result<std::vector<CheckResult>> run_checks(const model::Experiment& experiment, const Evidence& evidence) {
  std::vector<CheckResult> results;
  for (const model::CheckSpec& spec : experiment.check()) {
    auto result = run_check(spec, model_of(experiment), evidence);
    if (!result) return failure(std::move(result).error().context("check " + model::kind_of(spec)));
    results.push_back(std::move(*result));
  }
  return results;
}

Judgement judge(const std::vector<CheckResult>& checks, const Evidence& evidence,
                std::span<const std::string> faults_planned) {
  for (const CheckResult& check : checks)
    if (check.verdict == checker::Verdict::violated) return {Outcome::violated, check.kind + ": " + check.summary};
  if (const std::string fault = fault_without_effect(evidence, faults_planned); !fault.empty())
    return {Outcome::vacuous,
            fmt::format("the fault \"{}\" affected nothing, so this run proves nothing about it", fault)};
  const bool worked = std::any_of(evidence.history.begin(), evidence.history.end(),
                                  [](const model::Event& event) { return event.type == model::EventType::ok; });
  if (!worked) return {Outcome::vacuous, "no operation of the workload succeeded, so there is nothing to check"};
  for (const CheckResult& check : checks)
    if (check.verdict == checker::Verdict::undecided) return {Outcome::undecided, check.kind + ": " + check.summary};
  return {Outcome::pass, checks.empty() ? "no check was asked for" : "every check holds"};
}

}  // namespace fracas::controller
