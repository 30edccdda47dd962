#include "targets/raft/core/kv_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "targets/node/data/hash.h"

namespace fracas::raft {
namespace {

constexpr std::uint64_t kSlotBytes = 32;  // what a key costs besides its text, roughly
constexpr std::uint64_t kItemBytes = 8;

std::uint64_t bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

}  // namespace

KvStore::KvStore(KvLimits limits, const Bugs& bugs)
    : limits_(limits),
      deduplicate_(!bugs.duplicate_apply),
      keeps_sessions_(!bugs.snapshot_loses_sessions),
      fences_(!bugs.lock_without_fencing),
      sessions_(limits.sessions_max) {}

std::uint64_t KvStore::hash_of(const std::string& key, const Slot& slot) {
  const std::uint64_t start = combine(hash_bytes(key), slot.value.index());
  if (const auto* number = std::get_if<std::int64_t>(&slot.value)) return combine(start, bits(*number));
  return combine(start, slot.list_hash);
}

ReplyStatus KvStore::apply(std::uint64_t index, const Command& command) {
  if (const auto* over = std::get_if<Expire>(&command.operation)) return expire(command.key, *over);
  if (const auto* members = std::get_if<Configure>(&command.operation)) {
    configure(index, members->configuration);
    return ReplyStatus::ok;
  }
  if (deduplicate_)
    if (const auto known = sessions_.find(command)) return *known;
  std::vector<Value> readings;
  const auto* steps = std::get_if<Batch>(&command.operation);
  const ReplyStatus outcome = steps != nullptr ? batch(*steps, readings) : change(index, command);
  sessions_.remember(command, outcome, index, std::move(readings));
  return outcome;
}

ReplyStatus KvStore::change(std::uint64_t index, const Command& command) {
  if (const auto* put = std::get_if<Put>(&command.operation)) return set_number(command.key, put->value);
  if (const auto* item = std::get_if<Append>(&command.operation)) return append(command.key, item->value);
  if (const auto* put = std::get_if<GuardedPut>(&command.operation)) return guarded_put(command.key, *put);
  if (std::holds_alternative<Acquire>(command.operation)) return acquire(command.key, static_cast<std::int64_t>(index));
  if (std::holds_alternative<Delete>(command.operation)) return remove(command.key);
  const auto& cas = std::get<Cas>(command.operation);
  const auto found = values_.find(command.key);
  if (found == values_.end()) return ReplyStatus::mismatch;
  const auto* number = std::get_if<std::int64_t>(&found->second.value);
  if (number == nullptr) return ReplyStatus::wrong_type;
  if (*number != cas.expected) return ReplyStatus::mismatch;
  return set_number(command.key, cas.desired);
}

ReplyStatus KvStore::set_number(const std::string& key, std::int64_t value) {
  const auto found = values_.find(key);
  if (found == values_.end()) {
    const std::uint64_t grown = state_bytes_ + key.size() + kSlotBytes;
    if (grown > limits_.state_bytes_max) return ReplyStatus::full;
    state_bytes_ = grown;
    const auto added = values_.emplace(key, Slot{value, 0}).first;
    values_hash_ += hash_of(key, added->second);
    return ReplyStatus::ok;
  }
  if (!std::holds_alternative<std::int64_t>(found->second.value)) return ReplyStatus::wrong_type;
  values_hash_ -= hash_of(key, found->second);
  found->second.value = value;
  values_hash_ += hash_of(key, found->second);
  return ReplyStatus::ok;
}

ReplyStatus KvStore::append(const std::string& key, std::int64_t value) {
  auto found = values_.find(key);
  const bool fresh = found == values_.end();
  const std::uint64_t grown = state_bytes_ + kItemBytes + (fresh ? key.size() + kSlotBytes : 0);
  if (grown > limits_.state_bytes_max) return ReplyStatus::full;
  if (fresh) {
    found = values_.emplace(key, Slot{std::vector<std::int64_t>{}, 0}).first;
  } else {
    const auto* list = std::get_if<std::vector<std::int64_t>>(&found->second.value);
    if (list == nullptr) return ReplyStatus::wrong_type;
    if (list->size() >= limits_.list_items_max) return ReplyStatus::full;
    values_hash_ -= hash_of(key, found->second);
  }
  state_bytes_ = grown;
  std::get<std::vector<std::int64_t>>(found->second.value).push_back(value);
  found->second.list_hash = combine(found->second.list_hash, bits(value));
  values_hash_ += hash_of(key, found->second);
  return ReplyStatus::ok;
}

ReplyStatus KvStore::remove(const std::string& key) {
  const auto found = values_.find(key);
  if (found == values_.end()) return ReplyStatus::ok;
  const auto* list = std::get_if<std::vector<std::int64_t>>(&found->second.value);
  state_bytes_ -= key.size() + kSlotBytes + (list == nullptr ? 0 : list->size() * kItemBytes);
  values_hash_ -= hash_of(key, found->second);
  values_.erase(found);
  return ReplyStatus::ok;
}

void KvStore::configure(std::uint64_t index, const Configuration& configuration) {
  configuration_ = configuration;
  configured_at_ = index;
  ByteWriter bytes;
  write(bytes, configuration_);
  configuration_hash_ = combine(hash_bytes(bytes.bytes()), index);
}

Value KvStore::read(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? Value{} : found->second.value;
}

std::string KvStore::encode() const {
  std::vector<const std::string*> keys;
  keys.reserve(values_.size());
  for (const auto& [key, slot] : values_) keys.push_back(&key);
  std::sort(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a < *b; });
  ByteWriter body;
  body.u64(configured_at_);
  if (configured_at_ > 0) write(body, configuration_);
  body.u32(static_cast<std::uint32_t>(locks_.size()));
  for (const auto& [key, lock] : locks_) {
    body.text(key);
    body.i64(lock.held);
    body.i64(lock.fence);
  }
  body.u32(static_cast<std::uint32_t>(keys.size()));
  for (const std::string* key : keys) {
    body.text(*key);
    write(body, values_.at(*key).value);
  }
  (keeps_sessions_ ? sessions_ : Sessions(limits_.sessions_max)).encode(body);
  ByteWriter out;
  out.u32(crc32c(body.bytes()));
  return out.take() + body.take();
}

Status KvStore::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint32_t checksum = in.u32();
  if (!in.ok() || crc32c(bytes.substr(4)) != checksum) return failure("snapshot of the store: wrong checksum");
  KvStore fresh(limits_);
  fresh.deduplicate_ = deduplicate_;
  fresh.keeps_sessions_ = keeps_sessions_;
  fresh.fences_ = fences_;
  const std::uint64_t configured_at = in.u64();
  if (configured_at > 0) fresh.configure(configured_at, read_configuration(in));
  const std::uint32_t locks = in.count(20);
  for (std::uint32_t i = 0; i < locks; ++i) {
    std::string key(in.text());
    Lock lock{.held = in.i64(), .fence = 0};
    lock.fence = in.i64();
    fresh.state_bytes_ += key.size() + kSlotBytes;
    fresh.values_hash_ += hash_of(key, lock);
    fresh.locks_.insert_or_assign(std::move(key), lock);
  }
  const std::uint32_t count = in.count(5);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string key(in.text());
    Slot slot{read_value(in), 0};
    fresh.state_bytes_ += key.size() + kSlotBytes;
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&slot.value)) {
      for (const std::int64_t item : *list) slot.list_hash = combine(slot.list_hash, bits(item));
      fresh.state_bytes_ += list->size() * kItemBytes;
    }
    fresh.values_hash_ += hash_of(key, slot);
    fresh.values_.insert_or_assign(std::move(key), std::move(slot));
  }
  fresh.sessions_ = Sessions::decode(in, limits_.sessions_max);
  if (!in.done()) return failure("snapshot of the store: malformed");
  *this = std::move(fresh);
  return {};
}

}  // namespace fracas::raft
