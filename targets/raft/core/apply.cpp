// From committed entries to answers: applying, snapshots, ReadIndex reads (dissertation, 6.4).
#include <algorithm>
#include <utility>

#include "targets/raft/core/raft.h"

namespace fracas::raft {

void Raft::commit_to(Index index) {
  if (index <= commit_) return;
  commit_ = index;
  emit({.type = Event::Type::commit, .index = index});
}

void Raft::apply_ready() {
  const Index ready = std::min(commit_, durable_);
  while (applied_ < ready) apply_one(log_.at(applied_ + 1));
  snapshot_if_due();
  confirm_reads();
}

void Raft::apply_one(const Entry& entry) {
  applied_ = entry.index;
  ReplyStatus outcome = ReplyStatus::ok;
  // A payload that is no command, which only a broken leader sends, changes nothing anywhere.
  const auto command = decode_command(entry.payload);
  if (command) outcome = store_.apply(entry.index, *command);
  emit({.type = Event::Type::apply, .index = entry.index, .hash = store_.hash()});
  const auto pending = pending_writes_.find(entry.index);
  if (pending == pending_writes_.end()) return;
  const bool ours = pending->second.term == entry.term;
  Reply reply{.status = ours ? outcome : ReplyStatus::leadership_lost};
  if (command && reply.status == ReplyStatus::ok) {
    reply.value = store_.granted(*command);
    reply.readings = store_.readings(*command);
  }
  answer(pending->second.request, std::move(reply));
  pending_writes_.erase(pending);
}

void Raft::snapshot_if_due() {
  if (applied_ - (snapshot_ ? snapshot_->index : 0) < options_.snapshot_every) return;
  snapshot_ = Snapshot{applied_, *log_.term_at(applied_), log_.hash_at(applied_), store_.encode()};
  outbox_.persist(Compaction{*snapshot_, hard_on_disk_, log_.copy_after(applied_)});
  emit({.type = Event::Type::snapshot, .index = applied_, .hash = store_.hash()});
  // A tail stays in memory, so that a follower a little behind needs no snapshot.
  prune_members();
  const Index tail = std::min<Index>(options_.snapshot_every / 2, kWindow);
  log_.compact(applied_ - std::min(applied_, tail));
}

void Raft::confirm_reads() {
  if (role_ != Role::leader) return;
  confirmed_ = agreed_on([&](const NodeId& node) -> std::uint64_t {
    if (node == options_.self) return round_;
    const Progress* found = progress_.find(node);
    return found == nullptr ? 0 : found->round;
  });
  renew_lease();
  while (!pending_reads_.empty()) {
    const PendingRead& read = pending_reads_.front();
    if (read.round > confirmed_ || read.index > applied_) break;
    answer(read.request, {.value = store_.read(read.key)});
    pending_reads_.pop_front();
  }
  // Reads that came during the last round share the next one.
  if (!pending_reads_.empty() && pending_reads_.back().round > round_ && confirmed_ == round_) heartbeat_round();
}

void Raft::fail_pending() {
  for (const auto& [index, write] : pending_writes_) answer(write.request, {.status = ReplyStatus::leadership_lost});
  pending_writes_.clear();
  for (const PendingRead& read : pending_reads_)
    answer(read.request, {.status = ReplyStatus::not_leader, .leader = leader_.value()});
  pending_reads_.clear();
}

}  // namespace fracas::raft
