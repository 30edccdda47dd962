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
#include "targets/raft/client/call_policy.h"
#include "targets/raft/wire/codec.h"

namespace fracas::raft {

struct ClientOptions {
  std::vector<std::pair<std::string, node::Address>> nodes;  // at least one
  std::uint64_t client = 0;                                  // unique in the life of the cluster: names the session
  Duration attempt_timeout = std::chrono::milliseconds(300);
};

// A blocking client of the store: finds the leader, and retries on other nodes until a deadline. A retried write keeps
// its sequence number, so the store applies it once, however often it arrives.
//
// A get changes nothing, so its outcome is ok or fail, never indeterminate. After an indeterminate write the client is
// spent: throw it away and make another one with a NEW client id. The write is still open and may take effect later;
// a client that went on would be a process with two operations at a time, which no checker accepts (Jepsen's rule).
// `spent()` tells, and calls of a spent client fail. A write that failed with "session expired" (the store forgot this
// client among very many others) spends it too.
//
// Sockets are made in the thread that calls, so its network namespace counts. Thread: one at a time.
class RaftClient {
 public:
  // REQUIRES: options.nodes is not empty.
  explicit RaftClient(ClientOptions options);

  // `deadline` is how long the call may take altogether; it returns at most a few milliseconds later.
  CallResult put(const std::string& key, std::int64_t value, Duration deadline);
  CallResult get(const std::string& key, Duration deadline);
  // Fails with "mismatch" where the key holds something else or nothing.
  CallResult cas(const std::string& key, std::int64_t expected, std::int64_t desired, Duration deadline);
  CallResult append(const std::string& key, std::int64_t value, Duration deadline);
  CallResult write(const std::string& key, const Operation& operation, Duration deadline);

  // An administrator's: `to` shall lead; these shall be the voters and learners (core/raft.h). Asked again until the
  // deadline where others are at it. They need no session, and may be repeated.
  CallResult transfer(const std::string& to, Duration deadline);
  CallResult change(std::vector<std::string> voters, std::vector<std::string> learners, Duration deadline);
  bool spent() const { return session_.spent(); }

  // What one node says of itself. ERRORS: an unknown name; no answer within `deadline`.
  Result<NodeStatus> status(const std::string& node, Duration deadline);

 private:
  CallResult call(ClientRequest request, bool is_write, Duration deadline);
  Attempt attempt(std::size_t node, const ClientRequest& request, std::int64_t give_up_ns);
  Result<ClientAnswer> ask(std::size_t node, const ClientRequest& request, std::int64_t give_up_ns);
  std::optional<std::size_t> find(const std::string& node) const;

  ClientOptions options_;
  std::vector<node::Connection> connections_;  // one a node, in the order of options_.nodes
  std::vector<std::string> names_;             // of the nodes, in the same order
  std::size_t current_ = 0;                    // the node asked next
  ClientSession session_;
  std::uint64_t request_ = 0;
};

}  // namespace fracas::raft
