#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "targets/raft/core/configuration.h"
#include "targets/raft/core/ids.h"

// What clients ask of the store and what it answers.
namespace fracas::raft {

// A key holds nothing, a number, or (once appended to) a list of numbers.
using Value = std::variant<std::monostate, std::int64_t, std::vector<std::int64_t>>;

struct Put {
  std::int64_t value = 0;
  bool operator==(const Put&) const = default;
};
// Writes `desired` if the key holds `expected`. An absent key matches nothing.
struct Cas {
  std::int64_t expected = 0;
  std::int64_t desired = 0;
  bool operator==(const Cas&) const = default;
};
// Adds `value` at the end of the key's list; an absent key starts an empty one.
struct Append {
  std::int64_t value = 0;
  bool operator==(const Append&) const = default;
};
// Takes the key's lock, where nobody has it; a mismatch else. The answer is a list of two numbers: the token, greater
// than any that was given for this key before, and what the key holds, 0 where it is absent.
struct Acquire {
  bool operator==(const Acquire&) const = default;
};
// Writes `value` and gives the lock back. A mismatch where a greater token than `token` was given meanwhile: who has
// lost the lock and does not know it does no harm.
struct GuardedPut {
  std::int64_t value = 0;
  std::int64_t token = 0;
  bool operator==(const GuardedPut&) const = default;
};
// Takes the lock from who was given `token` and has kept it for too long. Asked for by leaders alone.
struct Expire {
  std::int64_t token = 0;
  bool operator==(const Expire&) const = default;
};
// Makes the key absent; its lock stays as it is.
struct Delete {
  bool operator==(const Delete&) const = default;
};
// Who belongs to the cluster from here on. Asked for by leaders alone; the key is empty.
struct Configure {
  Configuration configuration{};
  bool operator==(const Configure&) const = default;
};
// One step of a batch. Later steps see what earlier ones did.
struct Step {
  enum class Kind : std::uint8_t { read, put, append, remove };
  Kind kind = Kind::read;
  std::string key{};
  std::int64_t value = 0;  // of a put or an append
  bool operator==(const Step&) const = default;
};
// What a key must hold for a batch to be applied; std::monostate: nothing.
struct Requirement {
  std::string key{};
  Value value{};
  bool operator==(const Requirement&) const = default;
};
// All of its steps at one moment, or none of them: a mismatch where a requirement does not hold. The answer has what
// its reads saw, in their order. The command's own key is empty.
struct Batch {
  std::vector<Requirement> requirements{};
  std::vector<Step> steps{};
  bool operator==(const Batch&) const = default;
};
constexpr std::size_t kBatchPartsMax = 1000;
using Operation = std::variant<Put, Cas, Append, Acquire, GuardedPut, Expire, Delete, Configure, Batch>;

// A write, made unique by who asks and how often it asked before. `sequence` counts from 1; 1 opens the session.
struct Command {
  std::uint64_t client = 0;
  std::uint64_t sequence = 0;
  std::string key{};  // at most kKeyBytesMax
  Operation operation{};

  bool operator==(const Command&) const = default;
};

constexpr std::size_t kKeyBytesMax = 1024;

enum class ReplyStatus : std::uint8_t {
  ok,
  mismatch,         // the cas or the lock found something else; the command was decided and changed nothing. Of an
                    // administrator's request: given up, as who was to lead or to vote did not catch up in time
  wrong_type,       // a number operation on a list or the reverse; changed nothing
  full,             // the store's bound on its size is reached; changed nothing
  session_expired,  // sequence above 1 of a session the store does not know (any more); changed nothing
  stale_sequence,   // an older sequence than the session's latest; its outcome is forgotten
  not_leader,       // not taken; `leader` says who may, where known
  leadership_lost,  // taken into the log of a leader that stepped down: it may still be applied, or never
  busy,             // not taken: too many requests are open
  bad_request,      // not taken: malformed
};
constexpr std::uint8_t kReplyStatusLast = static_cast<std::uint8_t>(ReplyStatus::bad_request);

struct Reply {
  ReplyStatus status = ReplyStatus::ok;
  Value value{};                  // of a read
  std::vector<Value> readings{};  // of a batch: what its reads saw
  std::string leader{};           // not_leader only; empty = unknown

  bool operator==(const Reply&) const = default;
};

std::string encode(const Command& command);
// ERRORS: nothing where the bytes are no whole command within the bounds.
std::optional<Command> decode_command(std::string_view bytes);

void write(ByteWriter& out, const Value& value);
// Fails the reader where the bytes are no value.
Value read_value(ByteReader& in);

}  // namespace fracas::raft
