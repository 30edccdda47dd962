#pragma once
#include <optional>

#include "controller/workload/client.h"
#include "targets/raft/client/call_policy.h"

// A workload's calls in the bundled Raft store's terms, and its results in the history's.
namespace fracas::controller {

// Nothing for a read.
std::optional<raft::Operation> raft_operation(const Call& call);

// A missing list reads as nothing, which the checker takes as empty.
// What a write answers with is nothing: what was asked says it all.
Answer answer_of(model::Function function, raft::CallResult result);

}  // namespace fracas::controller
