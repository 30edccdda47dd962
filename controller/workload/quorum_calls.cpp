#include "controller/workload/quorum_calls.h"

#include <variant>

#include "controller/workload/call_events.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

using model::Function;

WorkloadKind kind_of(const model::Workload& workload) {
  if (workload.has_set()) return WorkloadKind::set;
  return workload.has_counter() ? WorkloadKind::counter : WorkloadKind::register_;
}

quorum::Action action_of(const QuorumCalls& calls, const Call& call) {
  if (call.function == Function::read) return quorum::Read{};
  const auto* number = std::get_if<std::int64_t>(&call.value);
  if (number == nullptr) return quorum::Put{};
  if (calls.workload == WorkloadKind::counter) return quorum::Add{*number};
  if (calls.workload == WorkloadKind::set) return quorum::Insert{*number};
  if (calls.siblings) return quorum::PutBeside{*number, {}};
  return quorum::Put{*number};
}

model::Value value_of(const QuorumCalls& calls, const quorum::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return *list;
  if (calls.workload == WorkloadKind::counter) return std::int64_t{0};
  return {};
}

}  // namespace

QuorumCalls quorum_calls(const model::Experiment& experiment) {
  const model::QuorumTarget& target = experiment.target().quorum();
  return {.workload = kind_of(experiment.workload()),
          .siblings = target.mode() == model::QUORUM_MODE_SIBLINGS,
          .terms = {.replicas = target.replicas(),
                    .reads = target.reads(),
                    .writes = target.writes(),
                    .atomic = target.mode() == model::QUORUM_MODE_ATOMIC,
                    .sloppy = target.sloppy()}};
}

quorum::Request quorum_request(const QuorumCalls& calls, const Call& call) {
  return {call.key, action_of(calls, call), calls.terms};
}

Answer answer_of(const QuorumCalls& calls, Function function, const quorum::CallResult& result) {
  const bool shows = function == Function::read && result.outcome == quorum::Outcome::ok;
  return {.type = event_type(result.outcome),
          .value = shows ? value_of(calls, result.reply.value) : model::Value{},
          .node = result.node,
          .error = result.reason};
}

}  // namespace fracas::controller
