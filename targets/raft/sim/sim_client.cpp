#include "targets/raft/sim/sim_client.h"

#include <algorithm>
#include <utility>

namespace fracas::raft {
namespace {

constexpr std::size_t kRequestBytes = 140;
constexpr std::size_t kReplyBytes = 110;
// How often it looks whether its connection broke: a real client learns it by the reset.
constexpr Duration kLookEvery = std::chrono::milliseconds(5);

}  // namespace

SimClient::SimClient(sim::Scheduler& scheduler, sim::Network& network, SimCluster& cluster, const Options& options)
    : scheduler_(scheduler),
      network_(network),
      cluster_(cluster),
      options_(options),
      session_(options.client),
      connections_(cluster.size()),
      first_(static_cast<std::size_t>(options.client % cluster.size())) {}

void SimClient::get(std::string key, Duration timeout, Done done) {
  begin(std::nullopt, std::move(key), timeout, std::move(done));
}

void SimClient::write(std::string key, Operation operation, Duration timeout, Done done) {
  begin(session_.command(std::move(key), std::move(operation)), {}, timeout, std::move(done));
}

void SimClient::begin(std::optional<Command> command, std::string key, Duration timeout, Done done) {
  const bool is_write = command.has_value();
  call_.emplace(Call{std::move(command), std::move(key), scheduler_.now() + timeout, std::move(done),
                     CallPolicy(cluster_.names(), first_, is_write)});
  attempt();
}

void SimClient::attempt() {
  const std::uint64_t number = ++attempts_;
  sent_ = false;
  const Duration give_up = std::min(call_->deadline, scheduler_.now() + options_.attempt_timeout);
  auto& connection = connections_[call_->policy.node()];
  if (connection && connection->is_open()) {
    ask(connection, number);
  } else {
    SimNode& node = cluster_.node(call_->policy.node());
    const sim::Connection::Ends ends{cluster_.clients_host(), static_cast<sim::HostIndex>(call_->policy.node()),
                                     cluster_.next_connection()};
    connection = std::make_shared<sim::Connection>(scheduler_, network_, ends, [&node] { return node.life(); });
    connection->open([self = weak_from_this(), number, opened = std::weak_ptr(connection)](bool accepted) {
      const auto client = self.lock();
      const auto open = opened.lock();
      if (!client || !open || client->attempts_ != number) return;
      if (accepted) return client->ask(open, number);
      client->conclude(number, {.reply = {}, .sent = false, .reason = "connection refused"});
    });
  }
  watch(connection, number, give_up);
}

void SimClient::ask(const std::shared_ptr<sim::Connection>& connection, std::uint64_t number) {
  sent_ = true;
  SimNode& node = cluster_.node(connection->ends().server);
  // At the node, once the answer is known: it goes back over the same connection.
  SimNode::Answered answered = [self = weak_from_this(), open = std::weak_ptr(connection), number](const Reply& reply) {
    const auto back = open.lock();
    if (!back) return;
    back->answer(kReplyBytes, [self, open, number, reply](bool corrupted) {
      const auto client = self.lock();
      if (client && !corrupted) return client->conclude(number, {.reply = reply, .sent = true, .reason = {}});
      if (const auto damaged = open.lock()) damaged->reset();
    });
  };
  connection->ask(kRequestBytes, [&node, command = call_->command, key = call_->key, open = std::weak_ptr(connection),
                                  answered = std::move(answered)](bool corrupted) {
    if (corrupted) {
      if (const auto damaged = open.lock()) damaged->reset();
    } else if (command) {
      node.write(*command, answered);
    } else {
      node.read(key, answered);
    }
  });
}

void SimClient::watch(const std::shared_ptr<sim::Connection>& connection, std::uint64_t number, Duration give_up) {
  const Duration next = std::min(give_up, scheduler_.now() + kLookEvery);
  scheduler_.at(next, [self = weak_from_this(), connection, number, give_up] {
    const auto client = self.lock();
    if (!client || client->attempts_ != number) return;
    if (connection->broken())
      return client->conclude(number, {.reply = {}, .sent = client->sent_, .reason = "connection broken"});
    if (client->scheduler_.now() >= give_up)
      return client->conclude(number, {.reply = {}, .sent = client->sent_, .reason = "timeout"});
    client->watch(connection, number, give_up);
  });
}

void SimClient::conclude(std::uint64_t number, Attempt attempt) {
  if (attempts_ != number || !call_) return;
  ++attempts_;  // whatever still comes of this attempt is too late
  if (!attempt.reply) {
    auto& connection = connections_[call_->policy.node()];
    if (connection) connection->close();
    connection.reset();
  }
  const CallPolicy::Next next = call_->policy.learn(attempt);
  if (next == CallPolicy::Next::done) return finish();
  const Duration pause = next == CallPolicy::Next::after_pause ? Duration(CallPolicy::kPauseNs) : Duration{};
  scheduler_.at(std::min(call_->deadline, scheduler_.now() + pause), [self = weak_from_this(), expected = attempts_] {
    const auto client = self.lock();
    if (!client || client->attempts_ != expected) return;
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
