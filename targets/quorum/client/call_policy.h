#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "targets/node/client/attempt.h"
#include "targets/node/client/outcome.h"
#include "targets/quorum/core/request.h"

// How a client gets an answer out of a store of which it knows only the members: whom it asks, what an answer means,
// when it gives up. Pure, so that the real client and the simulated one are the same client.
namespace fracas::quorum {

using node::Outcome;

// What became of a call.
struct CallResult {
  Outcome outcome = Outcome::fail;
  Reply reply{};         // of an ok
  std::string node{};    // who answered last; empty = nobody
  std::string reason{};  // fail and indeterminate: "unavailable", "timeout", "connection refused", …
};

using Attempt = node::Attempt<Reply>;

// One call: attempts at one node after the other until one decides it or the caller runs out of time. A write that may
// have reached a node is not tried at another: it would be made twice, at two times.
class CallPolicy {
 public:
  enum class Next : std::uint8_t {
    done,         // result() is the call's
    again,        // ask node() at once
    after_pause,  // ask node() after kPause
  };
  static constexpr std::int64_t kPauseNs = 20'000'000;

  CallPolicy(const std::vector<std::string>& nodes, std::size_t first, bool is_write)
      : nodes_(nodes), current_(first), is_write_(is_write) {}

  // The index of the node to ask now; after the call, where the next one should begin.
  std::size_t node() const { return current_; }
  Next learn(const Attempt& attempt);
  // The call's result if it is over now: at `done`, or when time has run out.
  const CallResult& result() const { return result_; }

 private:
  const std::vector<std::string>& nodes_;
  std::size_t current_;
  bool is_write_;
  CallResult result_;
};

// What a client has seen of each key's siblings, for its writes to replace.
class Contexts {
 public:
  // Puts what is known of the key into a write that replaces; others stay as they are.
  Request with_context(Request request) const;
  // Must be told of every call's result.
  void learn(const Request& request, const CallResult& result);

 private:
  std::map<std::string, VersionVector> seen_;
};

}  // namespace fracas::quorum
