#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "targets/node/sim/sim_attempts.h"
#include "targets/node/sim/sim_node.h"
#include "targets/raft/core/raft.h"

namespace fracas::raft {

// One member in the simulated world: what shell/server.h does with sockets and files, done with those of a SimNode. The
// state machine is the same one.
class RaftProcess final : public node::SimProcess {
 public:
  using Answered = node::AnsweredWith<Reply>;

  RaftProcess(node::SimNode& node, Raft raft, ReadMode reads) : node_(node), raft_(std::move(raft)), reads_(reads) {}
  // Starts members with these options.
  static node::SimProgram program(Options options);

  void tick() override { step(Tick{node_.time().monotonic}); }
  void persisted(std::uint64_t sequence) override { step(Persisted{sequence}); }

  // A client's request; `answered` is dropped if the process ends first.
  void write(Command command, Answered answered);
  void read(std::string key, Answered answered);
  // An administrator's.
  void transfer(NodeId to, Answered answered);
  void change(std::vector<NodeId> voters, std::vector<NodeId> learners, Answered answered);
  MemberStatus status() const { return raft_.status(); }

 private:
  template <typename One>
  void step(One&& input) {
    perform_all(raft_.step(std::forward<One>(input)));
  }
  void perform_all(Output output);
  void perform(Effect& effect);
  void write_records(const std::vector<Record>& records, std::uint64_t sequence);

  node::SimNode& node_;
  Raft raft_;
  ReadMode reads_;
  RequestId next_request_ = 0;
  std::map<RequestId, Answered> waiting_;
};

}  // namespace fracas::raft
