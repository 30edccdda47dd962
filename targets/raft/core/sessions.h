#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "targets/node/data/bytes.h"
#include "targets/raft/core/command.h"

namespace fracas::raft {

constexpr std::uint64_t kReadingsBytesMax = 4U << 20U;

// Remembers each client's latest write and its outcome, so that a retried one is answered and not applied again.
// Part of the replicated state: what it forgets depends on the log alone, never on a clock. Beyond `sessions_max`
// the session unused for the most log entries is forgotten; a client that retries its very first write after that
// many others came would open a second session, so sessions_max must exceed the clients of one retry interval.
// What reads of transactions saw is forgotten sooner, the oldest first, where all of it together is over
// kReadingsBytesMax: such a write, retried, is answered with stale_sequence.
// Source: Ongaro's dissertation, section 6.3.
class Sessions {
 public:
  explicit Sessions(std::size_t sessions_max) : sessions_max_(sessions_max) {}

  // The answer for a command that must not be applied (again), or nothing where it is new.
  std::optional<ReplyStatus> find(const Command& command) const;
  // Notes the outcome of a new command applied at log position `index`, and what its reads saw.
  void remember(const Command& command, ReplyStatus outcome, std::uint64_t index, std::vector<Value> readings = {});

  // The log position of the client's latest write. REQUIRES: it has a session.
  std::uint64_t last_index(std::uint64_t client) const { return sessions_.at(client).used; }
  // What the reads of that write saw; nothing if that was forgotten. REQUIRES: as above.
  const std::vector<Value>& readings(std::uint64_t client) const { return sessions_.at(client).readings; }
  std::size_t size() const { return sessions_.size(); }
  // Changes with every remembered outcome; does not depend on the order of unrelated clients.
  std::uint64_t hash() const { return hash_; }

  void encode(ByteWriter& out) const;
  // Fails the reader where the bytes are no sessions.
  static Sessions decode(ByteReader& in, std::size_t sessions_max);

 private:
  struct Session {
    std::uint64_t sequence = 0;
    ReplyStatus outcome = ReplyStatus::ok;
    std::uint64_t used = 0;  // log index of the latest write; unique, as an entry holds one command
    std::vector<Value> readings{};
  };
  static std::uint64_t hash_of(std::uint64_t client, const Session& session);
  void erase(std::uint64_t client);
  void forget(std::uint64_t client, const Session& session);
  void forget_readings();

  std::size_t sessions_max_;
  std::unordered_map<std::uint64_t, Session> sessions_;
  std::map<std::uint64_t, std::uint64_t> by_use_;  // Session::used to client, oldest first
  std::set<std::uint64_t> shown_;                  // Session::used of those with readings
  std::uint64_t readings_bytes_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace fracas::raft
