#pragma once
#include <map>
#include <string>
#include <vector>

#include "targets/node/sim/sim_attempts.h"
#include "targets/node/sim/sim_node.h"
#include "targets/quorum/core/replica.h"

namespace fracas::quorum {

// One member in the simulated world: what the shell does with sockets and files, done with those of a SimNode. The
// state machine is the same one.
class QuorumProcess final : public node::SimProcess {
 public:
  using Answered = node::AnsweredWith<Reply>;

  QuorumProcess(node::SimNode& node, Options options, Recovered recovered)
      : node_(node),
        members_(options.members),
        self_(options.self),
        replica_(std::move(options), std::move(recovered)) {}
  // Starts members with these options.
  static node::SimProgram program(const Options& options);

  void tick() override { step(Tick{}); }
  void persisted(std::uint64_t sequence) override { step(Persisted{sequence}); }

  // A client's request; `answered` is dropped if the process ends first.
  void request(const Request& what, Answered answered);
  const Replica& replica() const { return replica_; }

 private:
  void step(const Input& input);
  void perform(Effect& effect);

  node::SimNode& node_;
  std::vector<std::string> members_;
  Member self_;
  Replica replica_;
  RequestId next_request_ = 0;
  std::map<RequestId, Answered> waiting_;
};

}  // namespace fracas::quorum
