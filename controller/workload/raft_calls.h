#pragma once
#include <cstdint>
#include <optional>

#include "controller/workload/client.h"
#include "targets/raft/client/call_policy.h"

// A workload's calls in the bundled Raft store's terms, and its results in the history's.
namespace fracas::model {
class Workload;
}

namespace fracas::controller {

// What the calls' meaning depends on.
struct RaftCalls {
  std::uint32_t accounts = 0;  // of a bank; 0: there is none
  std::int64_t balance = 0;    // what each holds as long as nobody has written it
};
RaftCalls raft_calls(const model::Workload& workload);

// Nothing for a read of one key. An increment takes the key's lock first, a transfer looks at its accounts.
std::optional<raft::Operation> raft_operation(const RaftCalls& calls, const Call& call);

// What follows the first operation, given its result: an increment that has the lock writes under it, a transfer
// writes what its accounts hold then, if they still hold what it saw. Nothing: the first one's result is the call's.
std::optional<raft::Operation> raft_second_operation(const RaftCalls& calls, const Call& call,
                                                     const raft::CallResult& first);

// How long each operation of the call may take.
Duration raft_timeout(const Call& call, Duration timeout);

// `looked`: what was done so far only looked, because there was no second operation where there might have been one.
// A missing list reads as nothing, which the checker takes as empty. What a write answers with is nothing: what was
// asked says it all; a transaction answers with itself, its reads filled in.
Answer answer_of(const RaftCalls& calls, const Call& call, raft::CallResult result, bool looked);

}  // namespace fracas::controller
