#include "targets/raft/client/raft_client.h"

#include <algorithm>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::raft {
RaftClient::RaftClient(ClientOptions options) : options_(std::move(options)), session_(options_.client) {
  ensure(!options_.nodes.empty(), "a client needs a node to talk to");
  for (const auto& [name, address] : options_.nodes) {
    names_.push_back(name);
    connections_.emplace_back(address);
  }
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
  if (spent()) return {.outcome = Outcome::fail, .reason = "this client is spent by an indeterminate write"};
  CallResult result = call({.body = WriteRequest{session_.command(key, operation)}}, true, deadline);
  session_.conclude(result);
  return result;
}

CallResult RaftClient::get(const std::string& key, Duration deadline) {
  if (spent()) return {.outcome = Outcome::fail, .reason = "this client is spent by an indeterminate write"};
  return call({.body = ReadRequest{key}}, false, deadline);
}

CallResult RaftClient::transfer(const std::string& to, Duration deadline) {
  return call({.body = TransferRequest{to}}, false, deadline);
}

CallResult RaftClient::change(std::vector<std::string> voters, std::vector<std::string> learners, Duration deadline) {
  return call({.body = ChangeRequest{std::move(voters), std::move(learners)}}, false, deadline);
}

CallResult RaftClient::call(ClientRequest request, bool is_write, Duration deadline) {
  const std::int64_t end_ns = node::monotonic_ns() + deadline.count();
  CallPolicy policy(names_, current_, is_write);
  auto next = CallPolicy::Next::again;
  do {
    request.id = ++request_;
    const std::int64_t give_up_ns = std::min(end_ns, node::monotonic_ns() + options_.attempt_timeout.count());
    next = policy.learn(attempt(policy.node(), request, give_up_ns));
    if (next == CallPolicy::Next::after_pause)
      node::wait_until(-1, 0, std::min(end_ns, node::monotonic_ns() + CallPolicy::kPauseNs));
  } while (next != CallPolicy::Next::done && node::monotonic_ns() < end_ns);
  current_ = policy.node();
  return policy.result();
}

Attempt RaftClient::attempt(std::size_t node, const ClientRequest& request, std::int64_t give_up_ns) {
  node::Connection& connection = connections_[node];
  if (auto opened = connection.open(give_up_ns); !opened) {
    connection.close();
    return {.reply = {}, .sent = false, .reason = node::reason_of(opened.error())};
  }
  auto answer = ask(node, request, give_up_ns);
  if (!answer) return {.reply = {}, .sent = true, .reason = node::reason_of(answer.error())};
  auto* reply = std::get_if<Reply>(&answer->body);
  if (reply == nullptr) return {.reply = {}, .sent = true, .reason = "malformed answer"};
  return {.reply = std::move(*reply), .sent = true, .reason = {}};
}

Result<ClientAnswer> RaftClient::ask(std::size_t node, const ClientRequest& request, std::int64_t give_up_ns) {
  return node::ask_for<ClientAnswer>(
      connections_[node], encode(Payload(request)),
      [&](std::string_view payload) { return answer_in(payload, request.id); }, give_up_ns);
}

std::optional<std::size_t> RaftClient::find(const std::string& node) const {
  for (std::size_t i = 0; i < options_.nodes.size(); ++i)
    if (options_.nodes[i].first == node) return i;
  return std::nullopt;
}

Result<NodeStatus> RaftClient::status(const std::string& node, Duration deadline) {
  const auto index = find(node);
  if (!index) return failure("no node named " + node);
  const std::int64_t end_ns = node::monotonic_ns() + deadline.count();
  node::Connection& connection = connections_[*index];
  if (auto opened = connection.open(end_ns); !opened) {
    connection.close();
    return failure(std::move(opened).error().context(node));
  }
  auto answer = ask(*index, {++request_, StatusRequest{}}, end_ns);
  if (!answer) return failure(std::move(answer).error().context(node));
  auto* status = std::get_if<NodeStatus>(&answer->body);
  if (status == nullptr) return failure(node + ": malformed answer");
  return std::move(*status);
}

}  // namespace fracas::raft
