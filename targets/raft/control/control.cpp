#include "targets/raft/control/control.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "targets/node/shell/member_arguments.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::raft {
namespace {

struct Asking {
  ClientOptions options;
  Duration within{};
};

Result<Asking> read(const ControlWords& words) {
  Asking asking{.options = {.nodes = {}, .client = 1, .attempt_timeout = std::chrono::seconds(5)}, .within = {}};
  for (const std::string& node : words.nodes) {
    const auto split = node::split_peer(node);
    if (!split) return failure(split.error());
    const auto address = node::parse_address(split->second);
    if (!address) return failure(fmt::format("--node {}: {}", split->first, address.error().message));
    asking.options.nodes.emplace_back(split->first, *address);
  }
  const auto within = parse_duration(words.within);
  if (!within) return failure("--within: " + within.error().message);
  asking.within = *within;
  return asking;
}

Status done(const CallResult& result) {
  if (result.outcome == Outcome::ok) return {};
  return failure(result.reason == "mismatch" ? "given up: who was to lead or to vote did not catch up in time"
                                             : result.reason);
}

void print(const std::string& name, const NodeStatus& status) {
  fmt::print("{}: {} in term {}, leader {}, commit {}, applied {}, voters {}", name, status.role, status.term,
             status.leader.empty() ? "unknown" : status.leader, status.commit, status.applied,
             fmt::join(status.voters, " "));
  if (!status.outgoing.empty()) fmt::print(", joint with {}", fmt::join(status.outgoing, " "));
  if (!status.learners.empty()) fmt::print(", learners {}", fmt::join(status.learners, " "));
  fmt::print("\n");
}

}  // namespace

Status print_status(const ControlWords& words) {
  const auto asking = read(words);
  if (!asking) return failure(asking.error());
  RaftClient client(asking->options);
  Status answered;
  for (const auto& [name, address] : asking->options.nodes) {
    const auto status = client.status(name, asking->within);
    if (status) print(name, *status);
    if (!status) answered = failure(status.error());
  }
  return answered;
}

Status transfer(const ControlWords& words) {
  const auto asking = read(words);
  if (!asking) return failure(asking.error());
  return done(RaftClient(asking->options).transfer(words.to, asking->within));
}

Status change_members(const ControlWords& words) {
  const auto asking = read(words);
  if (!asking) return failure(asking.error());
  return done(RaftClient(asking->options).change(words.voters, words.learners, asking->within));
}

}  // namespace fracas::raft
