#include "targets/raft/core/sessions.h"

#include <utility>

#include "targets/node/data/hash.h"

namespace fracas::raft {
namespace {

std::uint64_t bytes_of(const std::vector<Value>& readings) {
  std::uint64_t bytes = 0;
  for (const Value& reading : readings) {
    const auto* list = std::get_if<std::vector<std::int64_t>>(&reading);
    bytes += sizeof(Value) + (list == nullptr ? 0 : list->size() * sizeof(std::int64_t));
  }
  return bytes;
}

}  // namespace

std::uint64_t Sessions::hash_of(std::uint64_t client, const Session& session) {
  const std::uint64_t outcome = static_cast<std::uint64_t>(session.outcome);
  return combine(combine(combine(mix(client), session.sequence), outcome), session.used);
}

std::optional<ReplyStatus> Sessions::find(const Command& command) const {
  const auto found = sessions_.find(command.client);
  if (found == sessions_.end()) {
    if (command.sequence == 1) return std::nullopt;
    return ReplyStatus::session_expired;
  }
  if (command.sequence == found->second.sequence) return found->second.outcome;
  if (command.sequence < found->second.sequence) return ReplyStatus::stale_sequence;
  return std::nullopt;
}

void Sessions::remember(const Command& command, ReplyStatus outcome, std::uint64_t index, std::vector<Value> readings) {
  const auto found = sessions_.find(command.client);
  if (found == sessions_.end() && sessions_.size() >= sessions_max_ && !by_use_.empty()) erase(by_use_.begin()->second);
  Session& session = found == sessions_.end() ? sessions_[command.client] : found->second;
  if (session.used == 0) {
    by_use_[index] = command.client;
  } else {
    // The usual case: nothing is freed and made anew.
    forget(command.client, session);
    auto moved = by_use_.extract(session.used);
    moved.key() = index;
    by_use_.insert(by_use_.end(), std::move(moved));
  }
  session = {command.sequence, outcome, index, std::move(readings)};
  hash_ += hash_of(command.client, session);
  if (!session.readings.empty()) shown_.insert(index);
  readings_bytes_ += bytes_of(session.readings);
  forget_readings();
}

// Takes it out of the sums.
void Sessions::forget(std::uint64_t client, const Session& session) {
  hash_ -= hash_of(client, session);
  if (session.readings.empty()) return;
  shown_.erase(session.used);
  readings_bytes_ -= bytes_of(session.readings);
}

void Sessions::forget_readings() {
  while (readings_bytes_ > kReadingsBytesMax) {
    const std::uint64_t client = by_use_.at(*shown_.begin());
    Session& session = sessions_.at(client);
    forget(client, session);
    session.readings.clear();
    session.outcome = ReplyStatus::stale_sequence;
    hash_ += hash_of(client, session);
  }
}

void Sessions::erase(std::uint64_t client) {
  const auto found = sessions_.find(client);
  if (found == sessions_.end()) return;
  forget(client, found->second);
  by_use_.erase(found->second.used);
  sessions_.erase(found);
}

void Sessions::encode(ByteWriter& out) const {
  out.u32(static_cast<std::uint32_t>(by_use_.size()));
  for (const auto& [used, client] : by_use_) {
    const Session& session = sessions_.at(client);
    out.u64(client);
    out.u64(session.sequence);
    out.u8(static_cast<std::uint8_t>(session.outcome));
    out.u64(used);
    out.u32(static_cast<std::uint32_t>(session.readings.size()));
    for (const Value& reading : session.readings) write(out, reading);
  }
}

Sessions Sessions::decode(ByteReader& in, std::size_t sessions_max) {
  Sessions sessions(sessions_max);
  const std::uint32_t count = in.count(29);
  for (std::uint32_t i = 0; i < count; ++i) {
    Command command;
    command.client = in.u64();
    command.sequence = in.u64();
    const std::uint8_t outcome = in.u8();
    if (outcome > kReplyStatusLast) in.fail();
    const std::uint64_t used = in.u64();
    std::vector<Value> readings(in.count(1));
    for (Value& reading : readings) reading = read_value(in);
    const bool in_order = sessions.by_use_.empty() ? used > 0 : used > sessions.by_use_.rbegin()->first;
    if (!in_order || sessions.sessions_.contains(command.client)) in.fail();
    if (!in.ok()) break;
    sessions.remember(command, static_cast<ReplyStatus>(outcome), used, std::move(readings));
  }
  return sessions;
}

}  // namespace fracas::raft
