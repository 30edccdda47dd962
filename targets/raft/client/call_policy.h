#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/node/client/attempt.h"
#include "targets/node/client/outcome.h"
#include "targets/raft/core/command.h"

// How a client gets an answer out of a cluster of which it knows only the members: whom it asks, what an answer means,
// when it gives up. Pure, so that the real client and the simulated one are the same client.
namespace fracas::raft {

using node::Outcome;

// What became of a call.
struct CallResult {
  Outcome outcome = Outcome::fail;
  Value value{};                  // of a successful get; std::monostate = absent key
  std::vector<Value> readings{};  // of a successful batch
  std::string node{};             // who answered last; empty = nobody
  std::string reason{};  // fail and indeterminate: "mismatch", "timeout", "not leader", "connection refused", …
};

using Attempt = node::Attempt<Reply>;

// One call: attempts at one node after the other until one decides it or the caller runs out of time.
class CallPolicy {
 public:
  enum class Next : std::uint8_t {
    done,         // result() is the call's
    again,        // ask node() at once
    after_pause,  // ask node() after kPause, so that an election is not drowned in requests
  };
  static constexpr std::int64_t kPauseNs = 10'000'000;

  // Begins with the node of that index into `nodes`, which must outlive the call.
  CallPolicy(const std::vector<std::string>& nodes, std::size_t first, bool is_write)
      : nodes_(nodes), current_(first), is_write_(is_write) {}

  // The index of the node to ask now; after the call, where the next one should begin.
  std::size_t node() const { return current_; }
  Next learn(Attempt attempt);
  // The call's result if it is over now: at `done`, or when time has run out.
  CallResult result() const&;
  CallResult result() &&;

 private:
  void move_on(const std::string& leader);

  const std::vector<std::string>& nodes_;
  std::size_t current_;
  bool is_write_;
  CallResult result_;
  std::string doubt_;  // why an attempt so far may have reached a log; empty = none may
};

// The numbers of one client's writes: the store applies each once, however often it arrives.
class ClientSession {
 public:
  explicit ClientSession(std::uint64_t client) : client_(client) {}

  Command command(std::string key, Operation operation) const;
  // Must be told of every write's result.
  void conclude(const CallResult& result);
  // After an indeterminate write the client must not go on.
  bool spent() const { return spent_; }

 private:
  std::uint64_t client_;
  std::uint64_t sequence_ = 1;  // of the next write
  bool spent_ = false;
};

}  // namespace fracas::raft
