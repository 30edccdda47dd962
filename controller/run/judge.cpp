#include "controller/run/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/check.h"
#include "checker/explain/fault_context.h"
#include "checker/history/history_builder.h"
#include "controller/probe/probe_log.h"
#include "controller/run/control_arm.h"
#include "controller/run/data_checks.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

using checker::CheckResult;

CheckResult run_availability(const model::AvailabilityCheck& check, const checker::History& history,
                             const Evidence& evidence) {
  checker::AvailabilityGoals goals;
  if (check.has_recovered_within()) goals.recovered_within = model::from_proto(check.recovered_within());
  if (check.ok_rate_min() > 0) goals.ok_rate_min = check.ok_rate_min();
  if (check.has_latency_p99_max()) goals.latency_p99_max = model::from_proto(check.latency_p99_max());
  if (check.has_silence_max()) goals.silence_max = model::from_proto(check.silence_max());
  const bool compares = check.ok_rate_loss_max() > 0 || check.latency_p99_times_max() > 0;
  if (!evidence.control.empty()) add_control_goals(check, evidence.control, goals);
  CheckResult result = checker::check_availability(history, goals, evidence.faults);
  if (!evidence.control.empty()) result.details.push_back(control_text(evidence.control));
  if (!compares || !evidence.control.empty() || result.verdict != checker::Verdict::pass) return result;
  result.verdict = checker::Verdict::undecided;
  result.summary = "there was no control arm to compare with";
  return result;
}

// How many nodes vote, as long as that cannot change; 0 otherwise.
std::size_t fixed_voters(const model::Experiment& experiment, const Evidence& evidence) {
  const model::RaftTarget& raft = experiment.target().raft();
  if (model::from_proto(raft.changes()) > Duration::zero()) return 0;
  return raft.members() > 0 ? raft.members() : evidence.node_events.size();
}

Result<CheckResult> run_check(const model::Experiment& experiment, const model::CheckSpec& spec,
                              const checker::History& history, const Evidence& evidence) {
  switch (spec.kind_case()) {
    case model::CheckSpec::kLinearizable:
    case model::CheckSpec::kConsistency:
      return check_data(experiment, spec, history, evidence.faults);
    case model::CheckSpec::kRaft:
      return checker::check_raft(evidence.node_events, evidence.faults, fixed_voters(experiment, evidence));
    case model::CheckSpec::kAvailability:
      return run_availability(spec.availability(), history, evidence);
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

// Who led from when on, by time.
std::vector<checker::ShownMoment> elections(const Evidence& evidence) {
  std::vector<checker::ShownMoment> moments;
  for (const auto& node : evidence.node_events)
    for (const model::NodeEvent& event : node)
      if (event.type == model::NodeEventType::role && event.role == model::Role::leader)
        moments.push_back({event.time_ns, fmt::format("{} became leader in term {}", event.node, event.term)});
  std::stable_sort(moments.begin(), moments.end(), [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  return moments;
}

}  // namespace

Result<std::vector<CheckResult>> run_checks(const model::Experiment& experiment, const Evidence& evidence) {
  const auto history = checker::history_of(evidence.history);
  if (!history) return failure(history.error());
  std::vector<CheckResult> results;
  for (const model::CheckSpec& spec : experiment.check()) {
    auto result = run_check(experiment, spec, *history, evidence);
    if (!result) return failure(std::move(result).error().context("check " + model::kind_of(spec)));
    if (result->counterexample) checker::add_moments(*result->counterexample, elections(evidence));
    results.push_back(std::move(*result));
  }
  for (const ProbeRecord& probe : evidence.probes) results.push_back(judge_probe(probe));
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
