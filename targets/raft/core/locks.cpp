// Locks with fencing tokens: what the store does with them, and how leaders end those that nobody gives back. Source:
// M. Kleppmann, "How to do distributed locking" (2016).
#include <vector>

#include "targets/node/data/hash.h"
#include "targets/raft/core/raft.h"

namespace fracas::raft {
namespace {

constexpr std::uint64_t kLockBytes = 32;  // what a lock costs besides its key's text, roughly

}  // namespace

std::uint64_t KvStore::hash_of(const std::string& key, const Lock& lock) {
  const std::uint64_t start = combine(hash_bytes(key), 0x10c4);
  return combine(combine(start, static_cast<std::uint64_t>(lock.held)), static_cast<std::uint64_t>(lock.fence));
}

void KvStore::set_lock(const std::string& key, Lock& lock, const Lock& to) {
  values_hash_ -= hash_of(key, lock);
  lock = to;
  values_hash_ += hash_of(key, lock);
}

ReplyStatus KvStore::acquire(const std::string& key, std::int64_t token) {
  if (std::holds_alternative<std::vector<std::int64_t>>(read(key))) return ReplyStatus::wrong_type;
  auto found = locks_.find(key);
  if (found != locks_.end() && found->second.held != 0) return ReplyStatus::mismatch;
  if (found == locks_.end()) {
    const std::uint64_t grown = state_bytes_ + key.size() + kLockBytes;
    if (grown > limits_.state_bytes_max) return ReplyStatus::full;
    state_bytes_ = grown;
    found = locks_.emplace(key, Lock{}).first;
    values_hash_ += hash_of(key, found->second);
  }
  set_lock(key, found->second, {.held = token, .fence = token});
  return ReplyStatus::ok;
}

ReplyStatus KvStore::guarded_put(const std::string& key, const GuardedPut& put) {
  const auto found = locks_.find(key);
  if (found == locks_.end()) return ReplyStatus::mismatch;
  Lock& lock = found->second;
  if (fences_ && put.token != lock.fence) return ReplyStatus::mismatch;
  const ReplyStatus outcome = set_number(key, put.value);
  if (outcome == ReplyStatus::ok && lock.held == put.token) set_lock(key, lock, {.held = 0, .fence = lock.fence});
  return outcome;
}

ReplyStatus KvStore::expire(const std::string& key, const Expire& over) {
  const auto found = locks_.find(key);
  if (found == locks_.end() || found->second.held != over.token) return ReplyStatus::mismatch;
  set_lock(key, found->second, {.held = 0, .fence = found->second.fence});
  return ReplyStatus::ok;
}

// Asked again, it says the same: the token is where the command stands in the log, and as long as the client has the
// lock nobody else has changed the number.
Value KvStore::granted(const Command& command) const {
  if (!std::holds_alternative<Acquire>(command.operation)) return {};
  const Value value = read(command.key);
  const auto* number = std::get_if<std::int64_t>(&value);
  const auto token = static_cast<std::int64_t>(sessions_.last_index(command.client));
  return std::vector<std::int64_t>{token, number == nullptr ? 0 : *number};
}

// By the leader's clock, from when it first saw that the lock was held: a new leader gives the holder all the time
// again.
void Raft::expire_locks() {
  for (const auto& [key, lock] : store_.locks()) {
    if (lock.held == 0) continue;
    LockWatch& watch = watched_[key];
    if (watch.token != lock.held) watch = {.token = lock.held, .since = now_, .asked = false};
    if (watch.asked || now_ - watch.since < options_.lock_ttl) continue;
    watch.asked = true;
    append_own(encode(Command{.client = 0, .sequence = 1, .key = key, .operation = Expire{lock.held}}));
  }
}

}  // namespace fracas::raft
