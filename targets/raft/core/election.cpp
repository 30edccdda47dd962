// Campaigns, votes, and stepping down. Source: dissertation, sections 3.4, 4.2.3, 6.2 and 9.6.
#include <utility>

#include "targets/raft/core/raft.h"

namespace fracas::raft {

void Raft::set_role(Role role) {
  role_ = role;
  emit({.type = Event::Type::role, .role = role});
  outbox_.barrier();
}

void Raft::adopt(Term term, const NodeId& vote) {
  hard_ = {term, vote};
  if (options_.bugs.vote_not_persisted && !vote.value().empty()) return;
  hard_on_disk_ = hard_;
  outbox_.persist(hard_);
}

void Raft::reset_election_timer() {
  election_started_at_ = now_;
  const auto least = options_.election_timeout.count();
  auto extra = random_.below(static_cast<std::uint64_t>(least < 1 ? 1 : least));
  if (options_.bugs.same_timeout) extra = 0;
  election_wait_ = Duration(least + static_cast<Duration::rep>(extra));
}

bool Raft::hears_leader() const {
  if (role_ == Role::leader || may_have_promised()) return true;
  return !leader_.value().empty() && now_ - leader_heard_at_ < options_.election_timeout;
}

// Twice the election timeout: no follower waits longer, so an older leadership may be over already.
bool Raft::hears_majority() const {
  return agreed_on([&](const NodeId& node) -> std::uint64_t {
           if (node == options_.self) return 1;
           const Progress* found = progress_.find(node);
           return found != nullptr && now_ - found->heard_at < 2 * options_.election_timeout ? 1 : 0;
         }) == 1;
}

void Raft::become_follower(Term term, const NodeId& leader, const NodeId& vote) {
  const bool changed = role_ != Role::follower || term > hard_.term;
  leader_ = leader;
  if (role_ == Role::leader) {
    reset_election_timer();
    if (transfer_) {
      const bool done = leader == transfer_->to || vote == transfer_->to;
      answer(transfer_->request,
             {.status = done ? ReplyStatus::ok : ReplyStatus::leadership_lost, .leader = leader.value()});
    }
    transfer_.reset();
    if (change_) conclude_change(ReplyStatus::leadership_lost);
    fail_pending();
    progress_.clear();
  }
  if (term > hard_.term) adopt(term, vote);
  if (changed) set_role(Role::follower);
}

void Raft::campaign_for_pre_vote() {
  leader_ = NodeId();
  if (options_.bugs.no_pre_vote) return campaign();
  reset_election_timer();
  votes_.clear();
  set_role(Role::pre_candidate);
  const VoteRequest request{Term(hard_.term.value() + 1), true, log_.last_index(), log_.last_term(), false};
  for (const NodeId& peer : options_.peers) outbox_.at_once(Send{peer, request});
  count_vote(options_.self);
}

void Raft::campaign(bool transfer) {
  reset_election_timer();
  votes_.clear();
  adopt(Term(hard_.term.value() + 1), options_.self);
  set_role(Role::candidate);
  emit({.type = Event::Type::vote, .peer = options_.self});
  const VoteRequest request{hard_.term, false, log_.last_index(), log_.last_term(), transfer};
  for (const NodeId& peer : options_.peers) outbox_.after_disk(Send{peer, request});
  count_vote(options_.self);
}

void Raft::count_vote(const NodeId& voter) {
  votes_.insert(voter);
  if (agreed_on([&](const NodeId& node) -> std::uint64_t { return votes_.count(node); }) == 0) return;
  if (role_ == Role::pre_candidate) return campaign();
  become_leader();
}

void Raft::become_leader() {
  leader_ = options_.self;
  set_role(Role::leader);
  progress_.clear();
  add_progress();
  round_ = confirmed_ = farewell_ = 0;
  lease_forsaken_ = false;
  drop_lease();
  watched_.clear();
  no_op_index_ = log_.last_index() + 1;
  if (!options_.bugs.commit_old_term) append_own({});
  heartbeat_round();
}

void Raft::handle_message(const NodeId& from, const VoteRequest& request) {
  const bool newer = request.term > hard_.term;
  const bool log_ok = options_.bugs.no_log_check || std::pair(request.last_term, request.last_index) >=
                                                        std::pair(log_.last_term(), log_.last_index());
  // A node that hears its leader helps nobody to unseat it, nor lets itself be drawn into a higher term.
  const bool loyal = newer && hears_leader() && !options_.bugs.no_pre_vote && !request.transfer;
  if (request.pre || loyal) {
    const bool granted = request.pre && newer && log_ok && !loyal;
    const VoteResponse response{granted ? request.term : hard_.term, request.pre, granted};
    outbox_.after_disk(Send{from, response});
    return;
  }
  const bool same = request.term == hard_.term;
  const bool again = same && hard_.vote == from;
  const bool unused = hard_.vote.value().empty() || options_.bugs.double_vote;
  const bool free = newer || (same && role_ == Role::follower && unused);
  const bool granted = (free || again) && log_ok;
  // One record for the term and the vote given in it.
  if (newer) {
    become_follower(request.term, NodeId(), granted ? from : NodeId());
  } else if (granted && !again) {
    adopt(hard_.term, from);
  }
  if (granted) {
    if (!again) emit({.type = Event::Type::vote, .peer = from});
    reset_election_timer();
  }
  outbox_.after_disk(Send{from, VoteResponse{hard_.term, false, granted}});
}

void Raft::handle_message(const NodeId& from, const VoteResponse& response) {
  if (!response.granted) {
    if (response.term > hard_.term) become_follower(response.term, NodeId());
    return;
  }
  const bool pre_vote = response.pre && role_ == Role::pre_candidate && response.term.value() == hard_.term.value() + 1;
  const bool vote = !response.pre && role_ == Role::candidate && response.term == hard_.term;
  if (pre_vote || vote) count_vote(from);
}

}  // namespace fracas::raft
