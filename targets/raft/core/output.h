#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "targets/node/data/outbox.h"
#include "targets/raft/core/command.h"
#include "targets/raft/core/message.h"

// What the state machine wants done, and in what order.
namespace fracas::raft {

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

// What the node says of itself, for a checker of Raft's invariants. The shell adds time and name.
struct Event {
  enum class Type : std::uint8_t { start, role, vote, append, truncate, commit, apply, snapshot };
  Type type = Type::start;
  Term term{};                 // the node's current term
  Role role = Role::follower;  // role only
  NodeId peer{};               // vote only: who got it
  Index index = 0;
  Term entry_term{};       // append only
  std::uint64_t hash = 0;  // append: chain hash of the log; apply, snapshot: hash of the store
  bool operator==(const Event&) const = default;
};

struct Send {
  NodeId to{};
  Message message;
};

struct Answer {
  RequestId request = 0;
  Reply reply;
};

using Effect = std::variant<Event, Send, Answer>;

// Replaces everything on the disk: the snapshot, the hard state, and the entries after it. Must be atomic.
struct Compaction {
  Snapshot snapshot{};
  HardState hard{};
  std::vector<Entry> entries{};
};

// One thing to write. An Entry at a position that the disk already has replaces it and everything after it.
using Record = std::variant<HardState, Entry, Compaction>;

// An event must reach its file before a later message or answer leaves. Says with Persisted{sequence} what is safe.
using Output = node::StepOutput<Effect, Record>;

}  // namespace fracas::raft
