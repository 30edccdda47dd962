// Handing leadership over. Source: dissertation, section 3.10.
#include <utility>

#include "targets/raft/core/raft.h"

namespace fracas::raft {

void Raft::handle(const TransferRequested& transfer) {
  if (role_ != Role::leader)
    return answer(transfer.request, {.status = ReplyStatus::not_leader, .leader = leader_.value()});
  if (transfer.to == options_.self) return answer(transfer.request, {.status = ReplyStatus::ok});
  if (transfer_ || change_ || members().joint()) return answer(transfer.request, {.status = ReplyStatus::busy});
  if (!members().votes(transfer.to)) return answer(transfer.request, {.status = ReplyStatus::bad_request});
  transfer_ = Transfer{transfer.request, transfer.to, now_ + options_.election_timeout, false};
  advance_transfer();
}

// Nothing is proposed meanwhile, so the successor can catch up. After one election timeout this leader goes on.
void Raft::advance_transfer() {
  if (now_ >= transfer_->until) {
    answer(transfer_->request, {.status = ReplyStatus::mismatch});
    return transfer_.reset();
  }
  const Progress* found = progress_.find(transfer_->to);
  if (transfer_->asked || found == nullptr || found->match < log_.last_index()) return;
  transfer_->asked = true;
  // Who was asked may be elected against everybody's promise to this leader, however late the message comes: no lease
  // can be counted on in this term any more.
  drop_lease();
  lease_forsaken_ = true;
  outbox_.at_once(Send{transfer_->to, TimeoutNow{hard_.term}});
}

void Raft::handle_message(const NodeId& from, const TimeoutNow& timeout) {
  const bool ours = timeout.term == hard_.term && role_ == Role::follower && leader_ == from;
  if (ours && members().votes(options_.self)) campaign(true);
}

}  // namespace fracas::raft
