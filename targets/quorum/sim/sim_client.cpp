#include "targets/quorum/sim/sim_client.h"

#include <algorithm>
#include <utility>

#include "targets/quorum/sim/quorum_process.h"

namespace fracas::quorum {

SimClient::SimClient(sim::Scheduler& scheduler, sim::Network& network, node::SimCluster& cluster,
                     const Options& options)
    : scheduler_(scheduler),
      options_(options),
      attempts_(sim::make_local<node::SimAttempts<Reply>>(scheduler, network, cluster)) {
  if (options_.nodes.empty()) options_.nodes = cluster.members();
  for (const std::size_t node : options_.nodes) names_.push_back(cluster.names()[node]);
  first_ = static_cast<std::size_t>(options.first % names_.size());
}

void SimClient::call(Request request, Duration timeout, Done done) {
  const bool is_write = !is_read(request.action);
  call_.emplace(Call{sim::make_local<const Request>(contexts_.with_context(std::move(request))),
                     scheduler_.now() + timeout, std::move(done), CallPolicy(names_, first_, is_write)});
  attempt();
}

void SimClient::attempt() {
  attempts_->attempt(
      options_.nodes[call_->policy.node()], std::min(call_->deadline, scheduler_.now() + options_.attempt_timeout),
      [request = call_->request](node::SimProcess& process, QuorumProcess::Answered&& answered) {
        static_cast<QuorumProcess&>(process).request(*request, std::move(answered));
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
  const CallResult result = call_->policy.result();
  first_ = call_->policy.node();
  contexts_.learn(*call_->request, result);
  const Done done = std::move(call_->done);
  call_.reset();
  done(result);
}

}  // namespace fracas::quorum
