#include "targets/raft/sim/sim_client.h"

#include <algorithm>
#include <utility>

#include "targets/raft/sim/raft_process.h"

namespace fracas::raft {

SimClient::SimClient(sim::Scheduler& scheduler, sim::Network& network, node::SimCluster& cluster,
                     const Options& options)
    : scheduler_(scheduler),
      options_(options),
      session_(options.client),
      attempts_(sim::make_local<node::SimAttempts<Reply>>(scheduler, network, cluster)) {
  if (options_.nodes.empty()) options_.nodes = cluster.members();
  for (const std::size_t node : options_.nodes) names_.push_back(cluster.names()[node]);
  first_ = static_cast<std::size_t>(options.client % names_.size());
}

void SimClient::get(std::string key, Duration timeout, Done done) {
  begin([key = std::move(key)](RaftProcess& member, auto&& answered) { member.read(key, std::move(answered)); }, false,
        timeout, std::move(done));
}

void SimClient::write(std::string key, Operation operation, Duration timeout, Done done) {
  begin([command = session_.command(std::move(key), std::move(operation))](
            RaftProcess& member, auto&& answered) { member.write(command, std::move(answered)); },
        true, timeout, std::move(done));
}

void SimClient::administer(AdminAction action, Duration timeout, Done done) {
  begin(
      [action = std::move(action)](RaftProcess& member, auto&& answered) {
        if (const auto* transfer = std::get_if<TransferRequest>(&action))
          return member.transfer(NodeId(transfer->to), std::move(answered));
        const auto& change = std::get<ChangeRequest>(action);
        member.change({change.voters.begin(), change.voters.end()}, {change.learners.begin(), change.learners.end()},
                      std::move(answered));
      },
      false, timeout, std::move(done));
}

void SimClient::begin(Ask ask, bool is_write, Duration timeout, Done done) {
  call_.emplace(Call{sim::make_local<const Ask>(std::move(ask)), is_write, scheduler_.now() + timeout, std::move(done),
                     CallPolicy(names_, first_, is_write)});
  attempt();
}

void SimClient::attempt() {
  attempts_->attempt(
      options_.nodes[call_->policy.node()], std::min(call_->deadline, scheduler_.now() + options_.attempt_timeout),
      [ask = call_->ask](node::SimProcess& process, RaftProcess::Answered&& answered) {
        (*ask)(static_cast<RaftProcess&>(process), std::move(answered));
      },
      [self = weak_from_this()](Attempt&& attempt) {
        if (const auto client = self.lock()) client->learn(std::move(attempt));
      });
}

void SimClient::learn(Attempt attempt) {
  const CallPolicy::Next next = call_->policy.learn(std::move(attempt));
  if (next == CallPolicy::Next::done) return finish();
  const Duration pause = next == CallPolicy::Next::after_pause ? Duration(CallPolicy::kPauseNs) : Duration{};
  scheduler_.at(std::min(call_->deadline, scheduler_.now() + pause), [self = weak_from_this()] {
    const auto client = self.lock();
    if (!client) return;
    if (client->scheduler_.now() >= client->call_->deadline) return client->finish();
    client->attempt();
  });
}

void SimClient::finish() {
  CallResult result = std::move(call_->policy).result();
  first_ = call_->policy.node();
  if (call_->is_write) session_.conclude(result);
  Done done = std::move(call_->done);
  call_.reset();
  done(std::move(result));
}

}  // namespace fracas::raft
