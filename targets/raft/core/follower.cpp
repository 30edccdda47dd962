// The follower's side of replication, and how entries and snapshots reach the log. Source: dissertation, sections
// 3.5 and 5.
#include <algorithm>
#include <utility>

#include "targets/raft/core/raft.h"

namespace fracas::raft {

// Takes `from` as the leader of `term`, or answers that there is a newer one. False: the message must be ignored.
bool Raft::follow(const NodeId& from, Term term) {
  if (term < hard_.term && !options_.bugs.stale_term_append) {
    respond(from, {.success = false});
    return false;
  }
  // A second leader in our own term: only a member that lost its vote brings that about.
  if (term == hard_.term && role_ == Role::leader) return false;
  if (term > hard_.term || role_ != Role::follower) become_follower(std::max(term, hard_.term), from);
  leader_ = from;
  leader_heard_at_ = now_;
  reset_election_timer();
  return true;
}

void Raft::respond(const NodeId& to, AppendResponse response) {
  response.term = hard_.term;
  if (options_.bugs.ack_before_sync) return outbox_.at_once(Send{to, response});
  outbox_.after_disk(Send{to, response});
}

void Raft::handle_message(const NodeId& from, AppendRequest& request) {
  for (std::size_t i = 0; i < request.entries.size(); ++i) {
    const Entry& entry = request.entries[i];
    if (entry.index != request.prev_index + 1 + i || entry.term > request.term) return;
  }
  if (!follow(from, request.term)) return;
  const Index prev = request.prev_index;
  // What a snapshot replaced was committed, and so is equal to any leader's log.
  const bool unchecked = options_.bugs.heartbeat_skips_check && request.entries.empty();
  const bool fits = prev < log_.base_index() || log_.term_at(prev) == request.prev_term || unchecked;
  if (!fits) {
    const Index hint = log_.last_not_after(std::min(prev, log_.last_index()), request.prev_term);
    const Term hint_term = log_.term_at(hint).value_or(Term());
    return respond(from, {.index = prev, .hint = hint, .hint_term = hint_term, .round = request.round});
  }
  const Index match = prev + request.entries.size();
  if (!append_from_leader(request)) return;
  respond(from, {.success = true, .index = match, .round = request.round});
  const Index known = options_.bugs.commit_beyond_match ? log_.last_index() : match;
  commit_to(std::min({request.commit, known, log_.last_index()}));
  apply_ready();
}

// False where an entry contradicts a committed one: then the sender broke the protocol and is not followed.
bool Raft::append_from_leader(AppendRequest& request) {
  const Index match = request.prev_index + request.entries.size();
  for (Entry& entry : request.entries) {
    if (entry.index <= log_.base_index()) continue;
    const auto own = log_.term_at(entry.index);
    if (own == entry.term) continue;
    if (own) {
      if (entry.index <= commit_) return false;
      drop_after(entry.index - 1);
    }
    save_entry(std::move(entry));
  }
  if (options_.bugs.truncate_on_append && match >= log_.base_index()) drop_after(std::max(match, commit_));
  return true;
}

void Raft::save_entry(Entry entry) {
  const Index index = entry.index;
  const Term term = entry.term;
  outbox_.persist(entry);
  note_members(entry);
  log_.append(std::move(entry));
  durable_marks_.push_back({outbox_.sequence(), index});
  emit({.type = Event::Type::append, .index = index, .entry_term = term, .hash = log_.hash_at(index)});
}

void Raft::drop_after(Index last) {
  if (last >= log_.last_index()) return;
  log_.truncate(last + 1);
  while (members_.size() > 1 && members_.back().index > last) members_.pop_back();
  forget_durable_from(last + 1);
  emit({.type = Event::Type::truncate, .index = last + 1});
}

void Raft::forget_durable_from(Index index) {
  durable_ = std::min(durable_, index - 1);
  for (DurableMark& mark : durable_marks_) mark.index = std::min(mark.index, index - 1);
}

void Raft::handle_message(const NodeId& from, const SnapshotRequest& request) {
  const Snapshot& snapshot = request.snapshot;
  if (snapshot.term > request.term || !follow(from, request.term)) return;
  if (snapshot.index > commit_) {
    KvStore store(options_.limits, options_.bugs);
    if (!store.decode(snapshot.state)) return;
    install(snapshot, std::move(store));
  }
  // Everything committed is equal to the leader's log.
  respond(from, {.success = true, .index = commit_, .round = request.round});
}

void Raft::install(const Snapshot& snapshot, KvStore store) {
  if (log_.term_at(snapshot.index) == snapshot.term) {
    log_.compact(snapshot.index);
  } else {
    const bool longer = log_.last_index() > snapshot.index;
    log_ = Log({snapshot.index, snapshot.term, snapshot.log_hash});
    forget_durable_from(snapshot.index + 1);
    if (longer) emit({.type = Event::Type::truncate, .index = snapshot.index + 1});
  }
  store_ = std::move(store);
  snapshot_ = snapshot;
  commit_ = applied_ = snapshot.index;
  find_members();
  outbox_.persist(Compaction{snapshot, hard_on_disk_, log_.copy_after(snapshot.index)});
  durable_marks_.push_back({outbox_.sequence(), log_.last_index()});
  emit({.type = Event::Type::snapshot, .index = snapshot.index, .hash = store_.hash()});
}

}  // namespace fracas::raft
