#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/result.h"
#include "targets/raft/core/bugs.h"
#include "targets/raft/core/command.h"
#include "targets/raft/core/sessions.h"

namespace fracas::raft {

// How large the store may grow; every member of a cluster needs the same numbers, they decide what commands do.
struct KvLimits {
  std::size_t sessions_max = 10'000;
  std::uint64_t state_bytes_max = 32U << 20U;  // keys and values; keeps a snapshot within one message
  std::size_t list_items_max = 100'000;        // keeps an answer within one message
};

// A key's lock. Tokens are log positions, so they grow.
struct Lock {
  std::int64_t held = 0;   // the token of who has it; 0: nobody
  std::int64_t fence = 0;  // the greatest token that was given
  bool operator==(const Lock&) const = default;
};

// The replicated state machine: a map from keys to numbers and lists, and their locks. Equal commands in equal order
// give equal stores, hashes and snapshots on every machine.
class KvStore {
 public:
  explicit KvStore(KvLimits limits = {}, const Bugs& bugs = {});

  // Applies a write at log position `index` (each index at most once, ascending) and gives its outcome.
  ReplyStatus apply(std::uint64_t index, const Command& command);
  // What the answer to a command that was applied with the outcome ok says besides; see Acquire.
  Value granted(const Command& command) const;
  // What the reads of a batch that was applied with the outcome ok saw; nothing of other commands.
  std::vector<Value> readings(const Command& command) const;
  // The value of a key; std::monostate where it is absent.
  Value read(const std::string& key) const;
  // Who belongs to the cluster after what was applied, and the position that said so; 0: nothing has yet.
  const Configuration& configuration() const { return configuration_; }
  std::uint64_t configured_at() const { return configured_at_; }
  // Those that were ever taken, by key.
  const std::map<std::string, Lock>& locks() const { return locks_; }

  // Of keys, values, sessions and members; kept up to date in constant time.
  std::uint64_t hash() const { return values_hash_ + sessions_.hash() + configuration_hash_; }

  std::string encode() const;
  // ERRORS: a wrong checksum or bytes that are no store; the store is then unchanged.
  Status decode(std::string_view bytes);

 private:
  struct Slot {
    Value value{};
    std::uint64_t list_hash = 0;  // chain over the items of a list, so that an append costs no pass over it
  };
  ReplyStatus change(std::uint64_t index, const Command& command);
  ReplyStatus acquire(const std::string& key, std::int64_t token);
  ReplyStatus guarded_put(const std::string& key, const GuardedPut& put);
  ReplyStatus expire(const std::string& key, const Expire& expire);
  void set_lock(const std::string& key, Lock& lock, const Lock& to);
  ReplyStatus set_number(const std::string& key, std::int64_t value);
  ReplyStatus append(const std::string& key, std::int64_t value);
  ReplyStatus remove(const std::string& key);
  ReplyStatus batch(const Batch& batch, std::vector<Value>& readings);
  ReplyStatus check(const Batch& batch) const;
  void configure(std::uint64_t index, const Configuration& configuration);
  static std::uint64_t hash_of(const std::string& key, const Slot& slot);
  static std::uint64_t hash_of(const std::string& key, const Lock& lock);

  KvLimits limits_;
  bool deduplicate_;
  bool keeps_sessions_;  // in snapshots
  bool fences_;
  std::unordered_map<std::string, Slot> values_;
  std::map<std::string, Lock> locks_;
  Sessions sessions_;
  Configuration configuration_;
  std::uint64_t configured_at_ = 0;
  std::uint64_t configuration_hash_ = 0;
  std::uint64_t values_hash_ = 0;
  std::uint64_t state_bytes_ = 0;
};

}  // namespace fracas::raft
