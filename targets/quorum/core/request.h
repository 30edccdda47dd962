#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "targets/quorum/core/version_vector.h"

// What clients ask of the store and what it answers. A key holds one kind of data, that of its first write.
namespace fracas::quorum {

struct Read {
  bool operator==(const Read&) const = default;
};
// Writes a register; without a value it deletes it.
struct Put {
  std::optional<std::int64_t> value{};
  bool operator==(const Put&) const = default;
};
// Writes a value beside those that `context` has not seen, and in place of those that it has: what a Reply carried.
struct PutBeside {
  std::int64_t value = 0;
  VersionVector context{};
  bool operator==(const PutBeside&) const = default;
};
// Sets.
struct Insert {
  std::int64_t element = 0;
  bool operator==(const Insert&) const = default;
};
struct Remove {  // what a quorum of members knows of
  std::int64_t element = 0;
  bool operator==(const Remove&) const = default;
};
// Counters.
struct Add {
  std::int64_t amount = 0;  // within ±10^15
  bool operator==(const Add&) const = default;
};
using Action = std::variant<Read, Put, PutBeside, Insert, Remove, Add>;

// What a request waits for. 0 stands for the store's own number of replicas, and for a majority of them.
struct Terms {
  std::uint32_t replicas = 0;  // N
  std::uint32_t reads = 0;     // R, at most N
  std::uint32_t writes = 0;    // W, at most N
  // Registers: a write asks for the latest stamp first. Reads: what was read is written to W members before the answer,
  // unless they hold it. With R + W > N and 2 W > N registers are linearizable. Source: Attiya, Bar-Noy and Dolev,
  // "Sharing Memory Robustly in Message-Passing Systems", JACM 1995; several writers: Lynch and Shvartsman, 1997.
  bool atomic = true;
  // Members beyond the N homes stand in for homes that seem to be down. Never in atomic mode.
  bool sloppy = false;
  bool operator==(const Terms&) const = default;
};

struct Request {
  std::string key{};  // at most kKeyBytesMax
  Action action{};
  Terms terms{};
  bool operator==(const Request&) const = default;
};

constexpr std::size_t kKeyBytesMax = 1024;

// Nothing, a number, or the values of a set or of siblings, ascending.
using Value = std::variant<std::monostate, std::int64_t, std::vector<std::int64_t>>;

enum class ReplyStatus : std::uint8_t {
  ok,
  unavailable,  // too few members seem to be alive, or (reads) answered in time; nothing was written
  unknown,      // a write that too few members acknowledged in time: it may be seen, now or later, or never
  wrong_kind,   // the key holds another kind of data; nothing was written
  busy,         // not taken: too many requests are open
  bad_request,  // not taken: malformed
};
constexpr std::uint8_t kReplyStatusLast = static_cast<std::uint8_t>(ReplyStatus::bad_request);

struct Reply {
  ReplyStatus status = ReplyStatus::ok;
  Value value{};            // of a read
  VersionVector context{};  // of a read of siblings
  bool operator==(const Reply&) const = default;
};

inline bool is_read(const Action& action) {
  return std::holds_alternative<Read>(action);
}

}  // namespace fracas::quorum
