// Who belongs to the cluster, and how that is changed. Source: dissertation, sections 4.1 to 4.3; the condition that a
// leader has committed an entry of its own before it changes members: D. Ongaro, raft-dev, 10 July 2015.
#include <algorithm>
#include <utility>

#include "targets/raft/core/raft.h"

namespace fracas::raft {
namespace {

// A new voter may lack so many entries: it has the rest before anybody notices.
constexpr Index kBehindMax = 64;
// How long new voters may take to catch up, in election timeouts.
constexpr int kCatchUpTimeouts = 10;

// Commands of leaders carry no client; all others cost no decoding here.
std::optional<Configuration> configuration_in(const Entry& entry) {
  ByteReader in(entry.payload);
  if (entry.payload.empty() || in.u64() != 0) return std::nullopt;
  auto command = decode_command(entry.payload);
  auto* configure = command ? std::get_if<Configure>(&command->operation) : nullptr;
  if (configure == nullptr) return std::nullopt;
  return std::move(configure->configuration);
}

}  // namespace

std::uint64_t Raft::agreed_on(const std::function<std::uint64_t(const NodeId&)>& reached) const {
  return agreed(members(), reached, options_.bugs.learner_counts);
}

// A voter. But also who was one until a configuration that may not be committed: nobody else may have it, and until
// then the cluster may not get on without (dissertation, 4.2.2).
bool Raft::may_lead() const {
  for (auto placed = members_.rbegin(); placed != members_.rend(); ++placed) {
    if (placed->configuration.votes(options_.self)) return true;
    if (placed->index <= commit_) return false;
  }
  return false;
}

// From the store, which knows what was applied, and the entries behind it.
void Raft::find_members() {
  Placed first{store_.configured_at(), store_.configuration()};
  if (first.index == 0) {
    first.configuration.voters = options_.members;
    if (first.configuration.voters.empty()) {
      first.configuration.voters = options_.peers;
      first.configuration.voters.push_back(options_.self);
    }
    std::sort(first.configuration.voters.begin(), first.configuration.voters.end());
  }
  members_ = {std::move(first)};
  for (Index i = std::max(log_.base_index(), members_.front().index) + 1; i <= log_.last_index(); ++i)
    note_members(log_.at(i));
}

void Raft::note_members(const Entry& entry) {
  auto configuration = configuration_in(entry);
  if (configuration) members_.push_back({entry.index, std::move(*configuration)});
}

// What is applied is never dropped, so nothing before it comes back.
void Raft::prune_members() {
  while (members_.size() > 1 && members_[1].index <= applied_) members_.pop_front();
}

// Of who is a member and was none before.
void Raft::add_progress() {
  for (const NodeId& node : members().members())
    if (node != options_.self) progress_.add(node, Progress{.next = log_.last_index() + 1, .heard_at = now_});
}

void Raft::handle(const ChangeRequested& change) {
  if (role_ != Role::leader)
    return answer(change.request, {.status = ReplyStatus::not_leader, .leader = leader_.value()});
  Configuration target{.voters = change.voters, .outgoing = {}, .learners = change.learners};
  const auto known = [&](const NodeId& node) {
    const auto& peers = options_.peers;
    return node == options_.self || std::find(peers.begin(), peers.end(), node) != peers.end();
  };
  if (!normalise(target) || !std::ranges::all_of(target.members(), known))
    return answer(change.request, {.status = ReplyStatus::bad_request});
  // Of an uncommitted configuration in another leader's log this one knows nothing, until an entry of its own term is
  // committed: that majority meets every other one.
  const bool early = commit_ < no_op_index_;
  const bool pending = members().joint() || members_.back().index > commit_;
  if (transfer_ || change_ || early || pending) return answer(change.request, {.status = ReplyStatus::busy});
  change_ = Change{change.request, std::move(target), now_ + kCatchUpTimeouts * options_.election_timeout};
  // New voters are told the log first, without a vote.
  Configuration wider = members();
  for (const NodeId& voter : change_->target.voters)
    if (!members().has(voter)) wider.learners.push_back(voter);
  std::sort(wider.learners.begin(), wider.learners.end());
  if (wider != members()) append_configuration(std::move(wider));
  advance_change();
}

void Raft::append_configuration(Configuration configuration) {
  farewell_ = 0;
  append_own(encode(Command{.client = 0, .sequence = 1, .key = {}, .operation = Configure{std::move(configuration)}}));
  add_progress();
  for (auto& [peer, progress] : progress_) send_entries(peer, progress);
}

bool Raft::caught_up(const std::vector<NodeId>& voters) const {
  return std::all_of(voters.begin(), voters.end(), [&](const NodeId& voter) {
    const Progress* found = progress_.find(voter);
    return voter == options_.self || (found != nullptr && found->match + kBehindMax >= commit_);
  });
}

void Raft::conclude_change(ReplyStatus status) {
  answer(change_->request, {.status = status, .leader = leader_.value()});
  change_.reset();
}

// The next step of a change, once the one before is committed. A leader also ends what its predecessor began.
void Raft::advance_change() {
  if (role_ != Role::leader || members_.back().index > commit_) return;
  const Configuration& now = members();
  if (now.joint()) {
    if (commit_ < no_op_index_) return;
    return append_configuration({.voters = now.voters, .outgoing = {}, .learners = now.learners});
  }
  if (change_ && now == change_->target) conclude_change(ReplyStatus::ok);
  if (!now.votes(options_.self)) return leave();
  // Who was removed is sent the log until it knows that this is committed, so that it does not campaign.
  if (farewell_ == 0) farewell_ = round_ + 1;
  progress_.erase_if([&](const Followers::One& one) {
    return !members().has(one.node) && one.progress.match >= members_.back().index && one.progress.round >= farewell_;
  });
  if (!change_) return;
  if (now_ >= change_->until) return conclude_change(ReplyStatus::mismatch);
  if (!caught_up(change_->target.voters)) return;
  Configuration next = change_->target;
  if (!next.is_near(now) && !options_.bugs.one_step_change) next.outgoing = now.voters;
  append_configuration(std::move(next));
}

// A leader that is no voter any more hands over to who has most of its log.
void Raft::leave() {
  const auto best = std::max_element(progress_.begin(), progress_.end(), [&](const auto& a, const auto& b) {
    return std::pair(members().votes(a.node), a.progress.match) < std::pair(members().votes(b.node), b.progress.match);
  });
  if (best != progress_.end() && members().votes(best->node)) outbox_.at_once(Send{best->node, TimeoutNow{hard_.term}});
  become_follower(hard_.term, NodeId());
}

}  // namespace fracas::raft
