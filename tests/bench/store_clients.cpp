#include "tests/bench/store_clients.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "controller/target/redis_calls.h"
#include "controller/target/redis_connection.h"
#include "controller/world/node_programs.h"
#include "targets/quorum/client/quorum_client.h"
#include "targets/raft/client/raft_client.h"

namespace fracas::bench {
namespace {

using controller::RedisConnection;
using Nodes = std::vector<std::pair<std::string, node::Address>>;

constexpr std::size_t kBytes = 256;
constexpr Duration kTimeout = std::chrono::seconds(5);

std::string long_key(std::size_t key) {
  return fmt::format("{:0>{}}", key, kBytes);
}

Nodes nodes_in(const controller::World& world) {
  Nodes nodes;
  for (const controller::Host& host : world.hosts()) {
    auto address = node::parse_address(controller::node_endpoint(host, false));
    if (!address) {
      std::fprintf(stderr, "bench_targets: %s\n", address.error().message.c_str());
      std::exit(1);
    }
    nodes.emplace_back(host.name, *address);
  }
  return nodes;
}

// A client's number names its session, so it must be new in each loop.
std::uint64_t fresh_client() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

class RaftStoreClient final : public StoreClient {
 public:
  explicit RaftStoreClient(Nodes nodes)
      : client_({.nodes = std::move(nodes), .client = fresh_client(), .attempt_timeout = kTimeout}) {}

  bool put(std::size_t key) override {
    return client_.put(long_key(key), ++value_, kTimeout).outcome == node::Outcome::ok;
  }
  bool get(std::size_t key) override { return client_.get(long_key(key), kTimeout).outcome == node::Outcome::ok; }

 private:
  raft::RaftClient client_;
  std::int64_t value_ = 0;
};

class QuorumStoreClient final : public StoreClient {
 public:
  QuorumStoreClient(Nodes nodes, std::size_t first)
      : client_({.nodes = nodes, .first = first % nodes.size(), .attempt_timeout = kTimeout}) {}

  bool put(std::size_t key) override { return call(key, quorum::Put{++value_}); }
  bool get(std::size_t key) override { return call(key, quorum::Read{}); }

 private:
  bool call(std::size_t key, quorum::Action action) {
    return client_.call({.key = long_key(key), .action = std::move(action)}, kTimeout).outcome == node::Outcome::ok;
  }

  quorum::QuorumClient client_;
  std::int64_t value_ = 0;
};

class RedisStoreClient final : public StoreClient {
 public:
  explicit RedisStoreClient(const controller::World& world) {
    constexpr int kMasterPort = 7000;
    for (const controller::Host& host : world.hosts())
      connections_.emplace_back(RedisConnection::Address{host.ipv4, kMasterPort});
  }

  bool put(std::size_t key) override {
    if (!at_master(key, {"SET", std::to_string(key), value_})) return false;
    const auto copies = connections_[masters_[key]].command({"WAIT", "1", "5000"}, kTimeout);
    return copies && copies->number() >= 1;
  }
  bool get(std::size_t key) override { return at_master(key, {"GET", std::to_string(key)}); }

 private:
  // Goes where it is sent, and remembers it.
  bool at_master(std::size_t key, const std::vector<std::string>& words) {
    for (int moves = 0; moves < 2; ++moves) {
      const auto reply = connections_[masters_[key]].command(words, kTimeout);
      if (!reply) return false;
      const auto moved = controller::redis::moved_to(*reply);
      if (!moved) return reply->kind == controller::RedisReply::Kind::text;
      for (std::size_t i = 0; i < connections_.size(); ++i)
        if (connections_[i].address() == *moved) masters_[key] = i;
    }
    return false;
  }

  const std::string value_ = std::string(kBytes, 'v');
  std::vector<RedisConnection> connections_;
  std::map<std::size_t, std::size_t> masters_;  // by key, where it is known: index of the connection
};

}  // namespace

StoreClients raft_store(const controller::World& world) {
  return [nodes = nodes_in(world)](std::size_t) { return std::make_unique<RaftStoreClient>(nodes); };
}

StoreClients quorum_store(const controller::World& world) {
  return [nodes = nodes_in(world)](std::size_t number) { return std::make_unique<QuorumStoreClient>(nodes, number); };
}

StoreClients redis_cluster_store(const controller::World& world) {
  return [&world](std::size_t) { return std::make_unique<RedisStoreClient>(world); };
}

}  // namespace fracas::bench
