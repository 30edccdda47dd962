#pragma once
#include <cstdint>
#include <string>

#include "controller/target/shape.h"
#include "controller/workload/client.h"

// What calls are in Maelstrom's workloads, and what the answers mean. Pure. Source: Maelstrom, doc/workloads.md and
// doc/protocol.md (errors).
namespace fracas::controller::maelstrom {

enum class Protocol : std::uint8_t { echo, unique_ids, broadcast, g_set, counter, lin_kv, txn, kafka };

// The body of the request that a call is, JSON. Where a workload has one object, a set's elements carry the number of
// their key, so that reads find those of theirs. REQUIRES: a call of a workload of that protocol.
std::string body_of(Protocol protocol, const Call& call, std::uint64_t msg_id);

// The history's answer to a body. An error that is definite is a fail. An answer that is none of the protocol's is an
// info.
Answer answer_of(Protocol protocol, const Call& call, const std::string& body);

}  // namespace fracas::controller::maelstrom
