#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "targets/node/client/connection.h"
#include "targets/node/wire/socket.h"
#include "targets/quorum/client/call_policy.h"
#include "targets/quorum/wire/codec.h"

namespace fracas::quorum {

struct ClientOptions {
  std::vector<std::pair<std::string, node::Address>> nodes;  // at least one
  std::size_t first = 0;                                     // the node asked first
  Duration attempt_timeout = std::chrono::milliseconds(300);
};

// A blocking client of the store: any node takes its requests; it asks another where one is silent, as call_policy.h
// says. Remembers what it has read of siblings, so that its writes replace them. After an indeterminate write, throw it
// away: the write may still take effect, and a client that went on would be one with two operations at a time.
//
// Sockets are made in the thread that calls, so its network namespace counts. Thread: one at a time.
class QuorumClient {
 public:
  // REQUIRES: options.nodes is not empty.
  explicit QuorumClient(ClientOptions options);

  // Takes at most `timeout`, and a few milliseconds.
  CallResult call(Request request, Duration timeout);

  // What one node, by its place in ClientOptions::nodes, says of itself. ERRORS: no answer within `timeout`.
  Result<NodeStatus> status(std::size_t node, Duration timeout);

 private:
  Attempt attempt(std::size_t node, const Request& request, std::int64_t give_up_ns);
  Result<ClientAnswer> ask(std::size_t node, const ClientRequest& request, std::int64_t give_up_ns);

  ClientOptions options_;
  std::vector<node::Connection> connections_;  // one a node, in the order of options_.nodes
  std::vector<std::string> names_;             // of the nodes, in the same order
  std::size_t current_ = 0;                    // the node asked next
  Contexts contexts_;
  std::uint64_t request_ = 0;
};

}  // namespace fracas::quorum
