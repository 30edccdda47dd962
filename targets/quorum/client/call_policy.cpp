#include "targets/quorum/client/call_policy.h"

#include <string_view>
#include <utility>

namespace fracas::quorum {
namespace {

std::string_view describe(ReplyStatus status) {
  switch (status) {
    case ReplyStatus::ok:
      return "";
    case ReplyStatus::unavailable:
      return "unavailable";
    case ReplyStatus::unknown:
      return "too few acknowledgements";
    case ReplyStatus::wrong_kind:
      return "wrong kind";
    case ReplyStatus::busy:
      return "busy";
    case ReplyStatus::bad_request:
      return "bad request";
  }
  return "";
}

}  // namespace

CallPolicy::Next CallPolicy::learn(const Attempt& attempt) {
  if (!attempt.reply) {
    const bool doubtful = is_write_ && attempt.sent;
    result_.outcome = doubtful ? Outcome::indeterminate : Outcome::fail;
    result_.node = nodes_[current_];
    result_.reason = attempt.reason;
    current_ = (current_ + 1) % nodes_.size();
    if (doubtful) return Next::done;
    // Nothing to wait for where the attempt itself took the time.
    return attempt.sent ? Next::again : Next::after_pause;
  }
  const ReplyStatus status = attempt.reply->status;
  result_ = {Outcome::fail, {}, nodes_[current_], std::string(describe(status))};
  switch (status) {
    case ReplyStatus::ok:
      result_.outcome = Outcome::ok;
      result_.reply = *attempt.reply;
      return Next::done;
    case ReplyStatus::unknown:
      result_.outcome = Outcome::indeterminate;
      return Next::done;
    case ReplyStatus::wrong_kind:
    case ReplyStatus::bad_request:
      return Next::done;
    case ReplyStatus::unavailable:
    case ReplyStatus::busy:
      break;
  }
  current_ = (current_ + 1) % nodes_.size();
  return Next::after_pause;
}

Request Contexts::with_context(Request request) const {
  const auto known = seen_.find(request.key);
  auto* write = std::get_if<PutBeside>(&request.action);
  if (write != nullptr && known != seen_.end()) write->context = known->second;
  return request;
}

void Contexts::learn(const Request& request, const CallResult& result) {
  if (is_read(request.action) && result.outcome == Outcome::ok) seen_[request.key] = result.reply.context;
}

}  // namespace fracas::quorum
