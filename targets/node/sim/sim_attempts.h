#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/sim/connection.h"
#include "targets/node/client/attempt.h"
#include "targets/node/sim/sim_cluster.h"

namespace fracas::node {

// What a process answers a request through; dropped if it ends before.
template <typename Reply>
using AnsweredWith = sim::InlineFunction<void(Reply&& reply), 48>;

// A client's connections to the nodes of a simulated cluster, one each, made when needed; one attempt at a time.
template <typename Reply>
class SimAttempts : public sim::FromLocal<SimAttempts<Reply>> {
 public:
  using Done = sim::InlineFunction<void(Attempt<Reply>&& attempt), 16>;
  using Answered = AnsweredWith<Reply>;
  // Puts the request to the node's process, which answers through `answered`.
  using Ask = sim::InlineFunction<void(SimProcess& process, Answered&& answered), 16>;

  SimAttempts(sim::Scheduler& scheduler, sim::Network& network, SimCluster& cluster)
      : scheduler_(scheduler), network_(network), cluster_(cluster), connections_(cluster.size()) {}

  // Asks the node until `give_up`. An attempt under way is over without a word.
  void attempt(std::size_t node, Duration give_up, Ask ask, Done done) {
    const std::uint64_t number = ++attempts_;
    node_ = node;
    sent_ = false;
    ask_ = std::move(ask);
    done_ = std::move(done);
    auto& connection = connections_[node];
    if (connection && connection->is_open()) {
      put(connection, number);
    } else {
      dial(connection, number);
    }
    watch(connection, number, give_up);
  }

 private:
  static constexpr std::size_t kRequestBytes = 140;
  static constexpr std::size_t kReplyBytes = 110;
  // How often it looks whether its connection broke: a real client learns it by the reset.
  static constexpr Duration kLookEvery = std::chrono::milliseconds(5);

  void dial(sim::Local<sim::Connection>& connection, std::uint64_t number) {
    SimNode& node = cluster_.node(node_);
    const sim::Connection::Ends ends{cluster_.clients_host(), static_cast<sim::HostIndex>(node_),
                                     cluster_.next_connection()};
    connection = sim::make_local<sim::Connection>(scheduler_, network_, ends, [&node] { return node.life(); });
    connection->open(
        [self = this->weak_from_this(), number, opened = sim::LocalWeak<sim::Connection>(connection)](bool accepted) {
          const auto client = self.lock();
          const auto open = opened.lock();
          if (!client || !open || client->attempts_ != number) return;
          if (accepted) return client->put(open, number);
          client->conclude(number, {.reply = {}, .sent = false, .reason = "connection refused"});
        });
  }

  void put(const sim::Local<sim::Connection>& connection, std::uint64_t number) {
    sent_ = true;
    // At the node, once the answer is known: it goes back over the same connection.
    Answered answered = [self = this->weak_from_this(), open = sim::LocalWeak<sim::Connection>(connection),
                         number](Reply&& reply) {
      const auto back = open.lock();
      if (!back) return;
      back->answer(kReplyBytes, [self, open, number, held = std::make_unique<Reply>(std::move(reply))](bool corrupted) {
        const auto client = self.lock();
        if (client && !corrupted)
          return client->conclude(number, {.reply = std::move(*held), .sent = true, .reason = {}});
        if (const auto damaged = open.lock()) damaged->reset();
      });
    };
    connection->ask(kRequestBytes, [&node = cluster_.node(node_), ask = std::move(ask_),
                                    answered = std::move(answered)](sim::Connection& open, bool corrupted) mutable {
      if (corrupted) return open.reset();
      node.when_running([ask = std::move(ask), answered = std::move(answered)](SimProcess& process) mutable {
        ask(process, std::move(answered));
      });
    });
  }

  void watch(const sim::Local<sim::Connection>& connection, std::uint64_t number, Duration give_up) {
    const Duration next = std::min(give_up, scheduler_.now() + kLookEvery);
    scheduler_.at(next, [self = this->weak_from_this(), connection, number, give_up] {
      const auto client = self.lock();
      if (!client || client->attempts_ != number) return;
      if (connection->broken())
        return client->conclude(number, {.reply = {}, .sent = client->sent_, .reason = "connection broken"});
      if (client->scheduler_.now() >= give_up)
        return client->conclude(number, {.reply = {}, .sent = client->sent_, .reason = "timeout"});
      client->watch(connection, number, give_up);
    });
  }

  void conclude(std::uint64_t number, Attempt<Reply> attempt) {
    if (attempts_ != number) return;
    ++attempts_;  // whatever still comes of this attempt is too late
    if (!attempt.reply) {
      auto& connection = connections_[node_];
      if (connection) connection->close();
      connection.reset();
    }
    Done done = std::move(done_);
    done(std::move(attempt));
  }

  sim::Scheduler& scheduler_;
  sim::Network& network_;
  SimCluster& cluster_;
  std::vector<sim::Local<sim::Connection>> connections_;  // one a node, where there is one
  std::size_t node_ = 0;                                  // of the attempt under way
  Ask ask_;
  Done done_;
  std::uint64_t attempts_ = 0;  // the number of the one under way
  bool sent_ = false;
};

}  // namespace fracas::node
