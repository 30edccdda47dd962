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
      attempts_(std::make_shared<node::SimAttempts<Reply>>(scheduler, network, cluster)) {
  if (options_.nodes.empty()) options_.nodes = cluster.members();
  for (const std::size_t node : options_.nodes) names_.push_back(cluster.names()[node]);
  first_ = static_cast<std::size_t>(options.client % names_.size());
}

void SimClient::get(std::string key, Duration timeout, Done done) {
  begin(std::nullopt, std::move(key), timeout, std::move(done));
}

void SimClient::write(std::string key, Operation operation, Duration timeout, Done done) {
  begin(session_.command(std::move(key), std::move(operation)), {}, timeout, std::move(done));
}

void SimClient::begin(std::optional<Command> command, std::string key, Duration timeout, Done done) {
  const bool is_write = command.has_value();
  call_.emplace(Call{std::move(command), std::move(key), scheduler_.now() + timeout, std::move(done),
                     CallPolicy(names_, first_, is_write)});
  attempt();
}

void SimClient::attempt() {
  attempts_->attempt(
      options_.nodes[call_->policy.node()], std::min(call_->deadline, scheduler_.now() + options_.attempt_timeout),
      [command = call_->command, key = call_->key](node::SimProcess& process, RaftProcess::Answered answered) {
        auto& member = static_cast<RaftProcess&>(process);
        if (command) return member.write(*command, std::move(answered));
        member.read(key, std::move(answered));
      },
      [self = weak_from_this()](const Attempt& attempt) {
        if (const auto client = self.lock()) client->learn(attempt);
      });
}

void SimClient::learn(const Attempt& attempt) {
  const CallPolicy::Next next = call_->policy.learn(attempt);
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
  CallResult result = call_->policy.result();
  first_ = call_->policy.node();
  if (call_->command) session_.conclude(result);
  const Done done = std::move(call_->done);
  call_.reset();
  done(std::move(result));
}

}  // namespace fracas::raft
