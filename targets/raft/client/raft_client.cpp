#include "targets/raft/client/raft_client.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::raft {
namespace {

// Between attempts that were refused at once, so that an election is not drowned in requests.
constexpr std::int64_t kPauseNs = 10'000'000;

std::string describe(const Error& error) {
  switch (error.code) {
    case ETIMEDOUT:
      return "timeout";
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
    case EPIPE:
      return "connection broken";
    default:
      return error.message;
  }
}

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

RaftClient::RaftClient(ClientOptions options) : options_(std::move(options)) {
  ensure(!options_.nodes.empty(), "a client needs a node to talk to");
  for (const auto& [name, address] : options_.nodes) connections_.emplace_back(address);
  current_ = options_.client % options_.nodes.size();
}

CallResult RaftClient::put(const std::string& key, std::int64_t value, Duration deadline) {
  return write(key, Put{value}, deadline);
}

CallResult RaftClient::cas(const std::string& key, std::int64_t expected, std::int64_t desired, Duration deadline) {
  return write(key, Cas{expected, desired}, deadline);
}

CallResult RaftClient::append(const std::string& key, std::int64_t value, Duration deadline) {
  return write(key, Append{value}, deadline);
}

CallResult RaftClient::write(const std::string& key, const Operation& operation, Duration deadline) {
  if (spent_) return {.outcome = Outcome::fail, .reason = "this client is spent by an indeterminate write"};
  CallResult result = call({.body = WriteRequest{{options_.client, sequence_, key, operation}}}, true, deadline);
  // A command that was certainly not taken leaves its number free; a session must not begin with another than 1.
  const bool decided = result.outcome == Outcome::ok || result.reason == describe(ReplyStatus::mismatch) ||
                       result.reason == describe(ReplyStatus::wrong_type) ||
                       result.reason == describe(ReplyStatus::full);
  if (decided) ++sequence_;
  spent_ = result.outcome == Outcome::indeterminate || result.reason == describe(ReplyStatus::session_expired);
  return result;
}

CallResult RaftClient::get(const std::string& key, Duration deadline) {
  if (spent_) return {.outcome = Outcome::fail, .reason = "this client is spent by an indeterminate write"};
  return call({.body = ReadRequest{key}}, false, deadline);
}

CallResult RaftClient::call(ClientRequest request, bool is_write, Duration deadline) {
  const std::int64_t end_ns = monotonic_ns() + deadline.count();
  CallResult result;
  std::string doubt;  // why an attempt so far may have reached a log; empty = none may
  do {
    request.id = ++request_;
    const std::string node = options_.nodes[current_].first;
    const Attempt tried = attempt(request, std::min(end_ns, monotonic_ns() + options_.attempt_timeout.count()));
    if (!tried.reply) {
      result.reason = tried.reason;
      if (is_write && tried.sent) doubt = result.reason;
      move_on("");
    } else {
      const ReplyStatus status = tried.reply->status;
      const Meaning meaning = meaning_of(status);
      result.node = node;
      result.reason = describe(status);
      if (meaning == Meaning::applied) return {Outcome::ok, tried.reply->value, node, ""};
      // The store decided this very command, whichever attempt brought it there.
      if (meaning == Meaning::refused) return {Outcome::fail, {}, node, result.reason};
      if (is_write && meaning == Meaning::unknown) doubt = result.reason;
      if (is_final(status)) break;
      move_on(tried.reply->leader);
    }
    // Nothing to wait for where the attempt itself took the time.
    if (!tried.sent || tried.reply) wait_until(-1, 0, std::min(end_ns, monotonic_ns() + kPauseNs));
  } while (monotonic_ns() < end_ns);
  if (!doubt.empty()) return {Outcome::indeterminate, {}, result.node, doubt};
  return result;
}

RaftClient::Attempt RaftClient::attempt(const ClientRequest& request, std::int64_t give_up_ns) {
  Connection& connection = connections_[current_];
  if (auto opened = connection.open(give_up_ns); !opened) {
    connection.close();
    return {.reason = describe(opened.error())};
  }
  auto answer = connection.ask(request, give_up_ns);
  if (!answer) return {.sent = true, .reason = describe(answer.error())};
  auto* reply = std::get_if<Reply>(&answer->body);
  if (reply == nullptr) return {.sent = true, .reason = "malformed answer"};
  return {.reply = std::move(*reply), .sent = true};
}

// To the leader, where it is known and not the node just asked; else to the next one.
void RaftClient::move_on(const std::string& leader) {
  const auto hinted = find(leader);
  current_ = hinted && *hinted != current_ ? *hinted : (current_ + 1) % options_.nodes.size();
}

std::optional<std::size_t> RaftClient::find(const std::string& node) const {
  for (std::size_t i = 0; i < options_.nodes.size(); ++i)
    if (options_.nodes[i].first == node) return i;
  return std::nullopt;
}

void RaftClient::prefer(const std::string& node) {
  current_ = find(node).value_or(current_);
}

Result<NodeStatus> RaftClient::status(const std::string& node, Duration deadline) {
  const auto index = find(node);
  if (!index) return failure("no node named " + node);
  const std::int64_t end_ns = monotonic_ns() + deadline.count();
  Connection& connection = connections_[*index];
  if (auto opened = connection.open(end_ns); !opened) {
    connection.close();
    return failure(std::move(opened).error().context(node));
  }
  auto answer = connection.ask({++request_, StatusRequest{}}, end_ns);
  if (!answer) return failure(std::move(answer).error().context(node));
  auto* status = std::get_if<NodeStatus>(&answer->body);
  if (status == nullptr) return failure(node + ": malformed answer");
  return std::move(*status);
}

}  // namespace fracas::raft
