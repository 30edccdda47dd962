#pragma once
#include <optional>

#include "controller/workload/client.h"
#include "targets/raft/client/call_policy.h"

// A workload's calls in the bundled Raft store's terms, and its results in the history's.
namespace fracas::controller {

// Nothing for a read. An increment takes the key's lock first.
std::optional<raft::Operation> raft_operation(const Call& call);

// What follows the first operation, given its result: an increment that has the lock writes under it. Nothing: the
// first one's result is the call's.
std::optional<raft::Operation> raft_second_operation(const Call& call, const raft::CallResult& first);

// How long each operation of the call may take.
Duration raft_timeout(const Call& call, Duration timeout);

// A missing list reads as nothing, which the checker takes as empty.
// What a write answers with is nothing: what was asked says it all.
Answer answer_of(model::Function function, raft::CallResult result);

}  // namespace fracas::controller
