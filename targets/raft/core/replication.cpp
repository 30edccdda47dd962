// The leader's side of replication. Source: dissertation, sections 3.5, 3.6 and 10.2.
#include <algorithm>
#include <utility>

#include "targets/raft/core/raft.h"

namespace fracas::raft {

void Raft::append_own(std::string payload) {
  save_entry({log_.last_index() + 1, hard_.term, std::move(payload)});
  for (auto& [peer, progress] : progress_) send_entries(peer, progress);
}

void Raft::heartbeat_round() {
  ++round_;
  heartbeat_at_ = now_;
  begin_lease_round();
  for (auto& [peer, progress] : progress_) send_heartbeat(peer, progress);
  confirm_reads();
}

// A heartbeat repeats the claim that the follower has everything before `next`, so it also finds out what was lost.
void Raft::send_heartbeat(const NodeId& to, Progress& progress) {
  if (progress.state != Progress::State::snapshot && progress.next <= log_.base_index()) send_snapshot(to, progress);
  AppendRequest request{.term = hard_.term, .round = round_};
  if (progress.state != Progress::State::snapshot) {
    request.prev_index = progress.next - 1;
    request.prev_term = *log_.term_at(request.prev_index);
    request.commit = commit_;
    progress.probe_sent = progress.state == Progress::State::probe;
  }
  outbox_.at_once(Send{to, std::move(request)});
}

void Raft::send_entries(const NodeId& to, Progress& progress) {
  if (progress.state == Progress::State::snapshot) return;
  if (progress.next <= log_.base_index()) return send_snapshot(to, progress);
  if (progress.state == Progress::State::probe) {
    if (progress.probe_sent) return;
    progress.probe_sent = send_batch(to, progress);
    return;
  }
  while (progress.next <= progress.match + kWindow && send_batch(to, progress)) {
  }
}

// Sends what fits into one message from `next` on; false where there is nothing.
bool Raft::send_batch(const NodeId& to, Progress& progress) {
  if (progress.next > log_.last_index()) return false;
  AppendRequest request{.term = hard_.term, .prev_index = progress.next - 1, .commit = commit_, .round = round_};
  request.prev_term = *log_.term_at(request.prev_index);
  std::size_t bytes = 0;
  for (Index i = progress.next; i <= log_.last_index() && request.entries.size() < kBatchEntriesMax; ++i) {
    bytes += log_.at(i).payload.size();
    if (bytes > kBatchBytesMax && !request.entries.empty()) break;
    request.entries.push_back(log_.at(i));
  }
  if (progress.state == Progress::State::replicate) progress.next += request.entries.size();
  outbox_.at_once(Send{to, std::move(request)});
  return true;
}

void Raft::send_snapshot(const NodeId& to, Progress& progress) {
  // The log's base is never past the snapshot, so a cut log implies one.
  if (!snapshot_) return;
  progress.state = Progress::State::snapshot;
  progress.snapshot_index = snapshot_->index;
  progress.snapshot_round = round_;
  outbox_.at_once(Send{to, SnapshotRequest{hard_.term, round_, *snapshot_}});
}

void Raft::handle_message(const NodeId& from, const AppendResponse& response) {
  if (response.term > hard_.term) return become_follower(response.term, NodeId());
  if (role_ != Role::leader || response.term < hard_.term) return;
  Progress* known = progress_.find(from);
  if (known == nullptr) return;  // no member any more
  Progress& progress = *known;
  progress.heard_at = now_;
  progress.round = std::max(progress.round, std::min(response.round, round_));
  // What a majority has confirmed before, one more confirms to no avail.
  const bool confirms = progress.round > confirmed_;
  if (response.success) {
    accept(from, progress, response);
  } else {
    back_up(from, progress, response);
  }
  if (role_ == Role::leader && confirms) confirm_reads();
}

void Raft::accept(const NodeId& from, Progress& progress, const AppendResponse& response) {
  if (response.index > log_.last_index()) return;
  progress.match = std::max(progress.match, options_.bugs.optimistic_match ? log_.last_index() : response.index);
  progress.next = std::max(progress.next, progress.match + 1);
  const bool installing = progress.state == Progress::State::snapshot && progress.match < progress.snapshot_index;
  if (installing) {
    // Answering a heartbeat that was sent after the snapshot means that the snapshot is lost.
    if (response.round > progress.snapshot_round) send_snapshot(from, progress);
  } else if (progress.state != Progress::State::replicate) {
    // Whatever an older mode sent ahead is not trusted: go on after what is known.
    progress.state = Progress::State::replicate;
    progress.next = progress.match + 1;
  }
  if (progress.match > commit_) advance_commit();
  if (transfer_) advance_transfer();
  // What was committed may have ended the leadership, or the membership of who answered.
  if (Progress* still = progress_.find(from)) send_entries(from, *still);
}

void Raft::back_up(const NodeId& from, Progress& progress, const AppendResponse& response) {
  if (progress.state == Progress::State::snapshot || response.index <= progress.match) return;
  // An answer to an older attempt; only the newest may move `next`.
  if (response.index >= progress.next) return;
  if (progress.state == Progress::State::probe && response.index != progress.next - 1) return;
  const Index equal = log_.last_not_after(std::min(response.hint, response.index - 1), response.hint_term);
  progress.state = Progress::State::probe;
  progress.next = std::max(progress.match, equal) + 1;
  progress.probe_sent = false;
  send_entries(from, progress);
}

// Commits what a majority has on its disks, this node among it. Only an entry of the own term commits by counting;
// older ones follow with it (figure 3.7 of the dissertation says what happens otherwise).
void Raft::advance_commit() {
  const auto match = [&](const NodeId& node) -> Index {
    if (node == options_.self) return durable_;
    const Progress* found = progress_.find(node);
    return found == nullptr ? 0 : found->match;
  };
  const Index index = options_.bugs.ack_before_quorum ? durable_ : std::min(agreed_on(match), durable_);
  const bool own_term = log_.term_at(index) == hard_.term || options_.bugs.commit_old_term;
  if (index <= commit_ || !own_term) return;
  commit_to(index);
  apply_ready();
  advance_change();
}

}  // namespace fracas::raft
