#include "targets/raft/client/call_policy.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace fracas::raft {
namespace {

std::string_view describe(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::ok:
      return "";
    case ReplyStatus::mismatch:
      return "mismatch";
    case ReplyStatus::wrong_type:
      return "wrong type";
    case ReplyStatus::full:
      return "store full";
    case ReplyStatus::session_expired:
      return "session expired";
    case ReplyStatus::stale_sequence:
      return "stale sequence";
    case ReplyStatus::not_leader:
      return "not leader";
    case ReplyStatus::leadership_lost:
      return "leadership lost";
    case ReplyStatus::busy:
      return "busy";
    case ReplyStatus::bad_request:
      return "bad request";
  }
  return "";
}

// What one answer says of the call: decided, or worth another attempt.
enum class Meaning : std::uint8_t { applied, refused, not_taken, unknown };

Meaning meaning_of(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::ok:
      return Meaning::applied;
    case ReplyStatus::mismatch:
    case ReplyStatus::wrong_type:
    case ReplyStatus::full:
      return Meaning::refused;
    case ReplyStatus::not_leader:
    case ReplyStatus::busy:
    case ReplyStatus::bad_request:
    case ReplyStatus::session_expired:
      return Meaning::not_taken;
    case ReplyStatus::leadership_lost:
    case ReplyStatus::stale_sequence:
      return Meaning::unknown;
  }
  return Meaning::unknown;
}

// Another attempt would get the same answer.
bool is_final(ReplyStatus status) {
  return status == ReplyStatus::bad_request || status == ReplyStatus::session_expired ||
         status == ReplyStatus::stale_sequence;
}

}  // namespace

CallPolicy::Next CallPolicy::learn(Attempt attempt) {
  if (!attempt.reply) {
    result_.reason = attempt.reason;
    if (is_write_ && attempt.sent) doubt_ = result_.reason;
    move_on("");
    // Nothing to wait for where the attempt itself took the time.
    return attempt.sent ? Next::again : Next::after_pause;
  }
  const ReplyStatus status = attempt.reply->status;
  const Meaning meaning = meaning_of(status);
  result_.node = nodes_[current_];
  result_.reason = describe(status);
  if (meaning == Meaning::applied || meaning == Meaning::refused) {
    // The store decided this very command, whichever attempt brought it there.
    doubt_.clear();
    if (meaning == Meaning::applied) result_.outcome = Outcome::ok;
    if (meaning == Meaning::applied) result_.value = std::move(attempt.reply->value);
    if (meaning == Meaning::applied) result_.readings = std::move(attempt.reply->readings);
    return Next::done;
  }
  if (is_write_ && meaning == Meaning::unknown) doubt_ = result_.reason;
  if (is_final(status)) return Next::done;
  move_on(attempt.reply->leader);
  return Next::after_pause;
}

CallResult CallPolicy::result() && {
  if (doubt_.empty()) return std::move(result_);
  return std::as_const(*this).result();
}

CallResult CallPolicy::result() const& {
  if (doubt_.empty()) return result_;
  return {.outcome = Outcome::indeterminate, .node = result_.node, .reason = doubt_};
}

// To the leader, where it is known and not the node just asked; else to the next one.
void CallPolicy::move_on(const std::string& leader) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), leader);
  const auto hinted = static_cast<std::size_t>(found - nodes_.begin());
  current_ = found != nodes_.end() && hinted != current_ ? hinted : (current_ + 1) % nodes_.size();
}

Command ClientSession::command(std::string key, Operation operation) const {
  return {client_, sequence_, std::move(key), std::move(operation)};
}

void ClientSession::conclude(const CallResult& result) {
  // A command that was certainly not taken leaves its number free; a session must not begin with another than 1.
  const bool decided = result.outcome == Outcome::ok || result.reason == describe(ReplyStatus::mismatch) ||
                       result.reason == describe(ReplyStatus::wrong_type) ||
                       result.reason == describe(ReplyStatus::full);
  if (decided) ++sequence_;
  spent_ = result.outcome == Outcome::indeterminate || result.reason == describe(ReplyStatus::session_expired);
}

}  // namespace fracas::raft
