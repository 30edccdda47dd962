#pragma once
#include <cstdint>
#include <string>

#include "lib/base/strong_id.h"
#include "targets/node/data/bytes.h"
#include "targets/node/data/hash.h"

// The words of the protocol. Source of names and rules: Ongaro, "Consensus: Bridging Theory and Practice" (2014).
namespace fracas::raft {

// What the bundled stores have in common.
using node::ByteReader;
using node::ByteWriter;
using node::combine;
using node::crc32c;
using node::hash_bytes;
using node::mix;

// A member's name, unique in the cluster: "n1".
using NodeId = StrongId<struct NodeTag, std::string>;
// A leader's reign, from 1; 0 = before the first election.
using Term = StrongId<struct TermTag, std::uint64_t>;
// A position in the log, from 1; 0 = before the first entry.
using Index = std::uint64_t;
// Chosen by the shell, unique while the request is open: it comes back in exactly one Answer.
using RequestId = std::uint64_t;

// What must survive a crash besides the log. `vote` is empty where none was granted in `term`.
struct HardState {
  Term term{};
  NodeId vote{};

  bool operator==(const HardState&) const = default;
};

// One entry of the replicated log. An empty payload is the no-op with which a leader opens its term;
// any other is an encoded Command.
struct Entry {
  Index index = 0;
  Term term{};
  std::string payload{};

  bool operator==(const Entry&) const = default;
};

// Stands for the whole log up to `index`. `state` is what KvStore::encode wrote.
struct Snapshot {
  Index index = 0;
  Term term{};                 // of the entry at `index`
  std::uint64_t log_hash = 0;  // chain hash of the log up to `index`
  std::string state{};

  bool operator==(const Snapshot&) const = default;
};

}  // namespace fracas::raft
