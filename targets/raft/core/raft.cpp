#include "targets/raft/core/raft.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fracas::raft {

Raft::Raft(Options options)
    : options_(std::move(options)), random_(options_.seed, "raft"), store_(options_.limits, options_.bugs) {
  std::sort(options_.peers.begin(), options_.peers.end());
}

Result<Raft> Raft::make(Options options, Recovered recovered) {
  Raft raft(std::move(options));
  raft.hard_ = raft.hard_on_disk_ = recovered.hard;
  if (recovered.snapshot) {
    if (auto decoded = raft.store_.decode(recovered.snapshot->state); !decoded)
      return failure(std::move(decoded).error());
    const Snapshot& snapshot = *recovered.snapshot;
    raft.log_ = Log({snapshot.index, snapshot.term, snapshot.log_hash});
    raft.commit_ = raft.applied_ = snapshot.index;
    raft.snapshot_ = std::move(recovered.snapshot);
  }
  for (Entry& entry : recovered.entries) {
    if (entry.index != raft.log_.last_index() + 1) return failure("recovered log: an entry is missing");
    raft.log_.append(std::move(entry));
  }
  raft.find_members();
  raft.durable_ = raft.log_.last_index();
  // A stream of its own for each life, or members restarted together would draw the same waits every time.
  raft.random_ = RandomStream(raft.options_.seed, fmt::format("raft/{}/{}/{}", raft.options_.self.value(),
                                                              recovered.hard.term.value(), raft.durable_));
  // Everything recovered is announced again: entries that reached the disk just before a crash may not have been.
  raft.emit({.type = Event::Type::start, .index = raft.log_.last_index()});
  if (raft.snapshot_) raft.emit({.type = Event::Type::snapshot, .index = raft.applied_, .hash = raft.store_.hash()});
  for (Index i = raft.log_.base_index() + 1; i <= raft.log_.last_index(); ++i)
    raft.emit(
        {.type = Event::Type::append, .index = i, .entry_term = raft.log_.at(i).term, .hash = raft.log_.hash_at(i)});
  return raft;
}

Output Raft::step(Input input) {
  std::visit([this](auto& one) { handle(one); }, input);
  return outbox_.take();
}

void Raft::handle(const Tick& tick) {
  now_ = std::max(now_, tick.now);
  if (!ticked_) {
    ticked_ = true;
    begun_at_ = now_;
    reset_election_timer();
  }
  if (role_ != Role::leader) {
    if (now_ - election_started_at_ >= election_wait_ && may_lead()) campaign_for_pre_vote();
    return;
  }
  // Also what a leader finds that was frozen and thawed: it heard nobody for too long.
  if (!options_.bugs.stale_read && !hears_majority()) return become_follower(hard_.term, NodeId());
  if (!transfer_) expire_locks();
  if (transfer_) advance_transfer();
  advance_change();
  if (role_ != Role::leader) return;
  if (now_ - heartbeat_at_ >= options_.heartbeat) heartbeat_round();
}

bool Raft::is_peer(const NodeId& node) const {
  constexpr std::size_t kFew = 12;  // these are sooner looked at one after the other
  const auto& peers = options_.peers;
  if (peers.size() > kFew) return std::binary_search(peers.begin(), peers.end(), node);
  return std::find(peers.begin(), peers.end(), node) != peers.end();
}

void Raft::handle(Received& received) {
  if (!is_peer(received.from)) return;
  std::visit([&](auto& message) { handle_message(received.from, message); }, received.message);
}

void Raft::handle(const Proposed& proposed) {
  if (role_ != Role::leader)
    return answer(proposed.request, {.status = ReplyStatus::not_leader, .leader = leader_.value()});
  if (pending_writes_.size() >= kPendingMax || transfer_)
    return answer(proposed.request, {.status = ReplyStatus::busy});
  std::string payload = encode(proposed.command);
  const bool internal = std::holds_alternative<Expire>(proposed.command.operation) ||
                        std::holds_alternative<Configure>(proposed.command.operation);
  if (!decode_command(payload) || internal) return answer(proposed.request, {.status = ReplyStatus::bad_request});
  pending_writes_[log_.last_index() + 1] = {proposed.request, hard_.term};
  append_own(std::move(payload));
}

void Raft::handle(const ReadRequested& read) {
  if (options_.bugs.follower_read) return answer(read.request, {.value = store_.read(read.key)});
  if (role_ != Role::leader)
    return answer(read.request, {.status = ReplyStatus::not_leader, .leader = leader_.value()});
  if (options_.bugs.stale_read) return answer(read.request, {.value = store_.read(read.key)});
  if (pending_reads_.size() >= kPendingMax) return answer(read.request, {.status = ReplyStatus::busy});
  // Nothing of an earlier leader's may be missing either: our own no-op must be committed first.
  const Index first = options_.bugs.read_before_noop ? 0 : no_op_index_;
  const bool leased = now_ < lease_until_;
  const std::uint64_t round = options_.bugs.read_joins_round ? confirmed_ : round_ + 1;
  pending_reads_.push_back({read.request, read.key, leased ? 0 : round, std::max(commit_, first)});
  if (leased) return confirm_reads();
  if (confirmed_ == round_) heartbeat_round();
}

void Raft::handle(const Persisted& persisted) {
  outbox_.persisted(persisted.sequence);
  while (!durable_marks_.empty() && durable_marks_.front().sequence <= persisted.sequence) {
    durable_ = std::max(durable_, durable_marks_.front().index);
    durable_marks_.pop_front();
  }
  if (role_ == Role::leader) advance_commit();
  apply_ready();
}

MemberStatus Raft::status() const {
  return {role_, hard_.term, leader_, commit_, applied_, members()};
}

void Raft::answer(RequestId request, Reply reply) {
  outbox_.after_disk(Answer{request, std::move(reply)});
}

void Raft::emit(Event event) {
  event.term = hard_.term;
  outbox_.after_disk(std::move(event));
}

}  // namespace fracas::raft
