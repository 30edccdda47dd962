#pragma once
#include "controller/workload/client.h"
#include "controller/workload/generator.h"
#include "targets/quorum/client/call_policy.h"

namespace fracas::model {
class Experiment;
}  // namespace fracas::model

// A workload's calls in the bundled quorum store's terms, and its results in the history's.
namespace fracas::controller {

struct QuorumCalls {
  WorkloadKind workload = WorkloadKind::register_;
  bool siblings = false;  // registers keep what was written side by side
  quorum::Terms terms{};
};

// REQUIRES: an experiment whose target is quorum.
QuorumCalls quorum_calls(const model::Experiment& experiment);

quorum::Request quorum_request(const QuorumCalls& calls, const Call& call);
// A counter or a set that nobody wrote reads as 0, or as nothing, which the checker takes as empty.
Answer answer_of(const QuorumCalls& calls, model::Function function, const quorum::CallResult& result);

}  // namespace fracas::controller
