#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

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

// The shell must do the effects in their order, an event reaching its file before a later message or answer
// leaves; then write the records in their order. Once a record is safe on the disk it says so with Persisted{sequence};
// several outputs' records may share one fsync. Whatever may only happen after a write is held back inside Raft
// and comes out of the step that takes that Persisted.
struct Output {
  std::vector<Effect> effects;
  std::vector<Record> persist;
  std::uint64_t sequence = 0;  // of the last record handed out so far, in this output or an earlier one
};

}  // namespace fracas::raft
