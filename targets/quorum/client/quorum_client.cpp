#include "targets/quorum/client/quorum_client.h"

#include <algorithm>
#include <utility>

#include "lib/base/ensure.h"

namespace fracas::quorum {
QuorumClient::QuorumClient(ClientOptions options) : options_(std::move(options)) {
  ensure(!options_.nodes.empty(), "a client needs a node to talk to");
  for (const auto& [name, address] : options_.nodes) {
    names_.push_back(name);
    connections_.emplace_back(address);
  }
  current_ = options_.first % options_.nodes.size();
}

CallResult QuorumClient::call(Request request, Duration timeout) {
  const std::int64_t end_ns = node::monotonic_ns() + timeout.count();
  const Request complete = contexts_.with_context(std::move(request));
  CallPolicy policy(names_, current_, !is_read(complete.action));
  auto next = CallPolicy::Next::again;
  do {
    const std::int64_t give_up_ns = std::min(end_ns, node::monotonic_ns() + options_.attempt_timeout.count());
    next = policy.learn(attempt(policy.node(), complete, give_up_ns));
    if (next == CallPolicy::Next::after_pause)
      node::wait_until(-1, 0, std::min(end_ns, node::monotonic_ns() + CallPolicy::kPauseNs));
  } while (next != CallPolicy::Next::done && node::monotonic_ns() < end_ns);
  current_ = policy.node();
  contexts_.learn(complete, policy.result());
  return policy.result();
}

Attempt QuorumClient::attempt(std::size_t node, const Request& request, std::int64_t give_up_ns) {
  node::Connection& connection = connections_[node];
  if (auto opened = connection.open(give_up_ns); !opened) {
    connection.close();
    return {.reply = {}, .sent = false, .reason = node::reason_of(opened.error())};
  }
  auto answer = ask(node, {++request_, request}, give_up_ns);
  if (!answer) return {.reply = {}, .sent = true, .reason = node::reason_of(answer.error())};
  auto* reply = std::get_if<Reply>(&answer->body);
  if (reply == nullptr) return {.reply = {}, .sent = true, .reason = "malformed answer"};
  return {.reply = std::move(*reply), .sent = true, .reason = {}};
}

Result<ClientAnswer> QuorumClient::ask(std::size_t node, const ClientRequest& request, std::int64_t give_up_ns) {
  return node::ask_for<ClientAnswer>(
      connections_[node], encode(Payload(request)),
      [&](std::string_view payload) { return answer_in(payload, request.id); }, give_up_ns);
}

Result<NodeStatus> QuorumClient::status(std::size_t node, Duration timeout) {
  const std::int64_t end_ns = node::monotonic_ns() + timeout.count();
  node::Connection& connection = connections_[node];
  if (auto opened = connection.open(end_ns); !opened) {
    connection.close();
    return failure(std::move(opened).error().context(names_[node]));
  }
  auto answer = ask(node, {++request_, StatusRequest{}}, end_ns);
  if (!answer) return failure(std::move(answer).error().context(names_[node]));
  auto* status = std::get_if<NodeStatus>(&answer->body);
  if (status == nullptr) return failure(names_[node] + ": malformed answer");
  return std::move(*status);
}

}  // namespace fracas::quorum
