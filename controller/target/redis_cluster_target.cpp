#include "controller/target/redis_cluster_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/nodes.h"
#include "controller/target/redis_calls.h"
#include "controller/target/redis_connection.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

using model::EventType;
using Address = RedisConnection::Address;

constexpr Duration kStartMax = std::chrono::seconds(45);
constexpr Duration kAskTimeout = std::chrono::milliseconds(150);
constexpr std::chrono::milliseconds kJoinMax{30'000};
constexpr int kMasterPort = 7000;
constexpr int kReplicaPort = 7001;
constexpr int kMovesMax = 5;
constexpr std::size_t kNodesMin = 3;

std::string host_at(const World& world, const std::string& ipv4) {
  for (const Host& host : world.hosts())
    if (host.ipv4 == ipv4) return host.name;
  return {};
}

// Asks the master of its host first, goes where it is sent, and remembers which key is where, as cluster clients do.
class ClusterConnection final : public NodeConnection {
 public:
  ClusterConnection(const World& world, const Host& host, Shape shape)
      : world_(world), home_{host.ipv4, kMasterPort}, shape_(shape) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
    const auto known = places_.find(call.key);
    Address where = known != places_.end() ? known->second : home_;
    Attempt attempt;
    for (int moves = 0; moves < kMovesMax; ++moves) {
      const Duration left(deadline_ns - os::boot_now_ns());
      auto reply = at(where).command(redis::command_of(call, shape_), left);
      if (!reply) {
        const bool never_left = reply.error().code == ECONNREFUSED;
        attempt.answer.type = never_left ? EventType::fail : EventType::info;
        attempt.answer.error = reply.error().message;
        attempt.ask_another = never_left;
        places_.erase(call.key);
        break;
      }
      if (const auto moved = redis::moved_to(*reply)) {
        places_[call.key] = where = *moved;
        continue;
      }
      attempt = {.answer = redis::answer_of(call, shape_, *reply), .ask_another = redis::should_ask_another(*reply)};
      break;
    }
    attempt.answer.node = host_at(world_, where.host);
    return attempt;
  }

 private:
  RedisConnection& at(const Address& where) {
    const auto found = std::ranges::find(connections_, where, &RedisConnection::address);
    return found != connections_.end() ? *found : connections_.emplace_back(where);
  }

  const World& world_;
  Address home_;
  Shape shape_;
  std::vector<RedisConnection> connections_;
  std::map<std::string, Address> places_;
};

class RedisClusterTarget final : public Target {
 public:
  RedisClusterTarget(const World& world, Shape shape) : world_(world), shape_(shape) {}

  std::string ask_leader() const override { return {}; }  // every host leads a share of the keys

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<ClusterConnection>(world_, host, shape_);
    });
  }

 private:
  const World& world_;
  Shape shape_;
};

std::vector<std::string> server_argv(const Host& host, int port, const model::RedisClusterTarget& options) {
  const auto timeout_ms = model::from_proto(options.node_timeout()).count() / 1'000'000;
  return {"/usr/bin/redis-server",
          "--bind",
          host.ipv4,
          "--port",
          std::to_string(port),
          "--protected-mode",
          "no",
          "--dir",
          host.data.string(),
          "--dbfilename",
          fmt::format("{}.rdb", port),
          "--appendonly",
          "yes",
          "--appenddirname",
          fmt::format("log-{}", port),
          "--save",
          "",
          "--cluster-enabled",
          "yes",
          "--cluster-config-file",
          fmt::format("cluster-{}.conf", port),
          "--cluster-node-timeout",
          std::to_string(timeout_ms)};
}

// Joins all servers into one cluster: redis-cli deals out the keys.
Status join_cluster(const std::vector<Host>& nodes) {
  std::vector<std::string> argv{"/usr/bin/redis-cli", "--cluster", "create"};
  for (const Host& host : nodes) argv.push_back(fmt::format("{}:{}", host.ipv4, kMasterPort));
  for (const Host& host : nodes) argv.push_back(fmt::format("{}:{}", host.ipv4, kReplicaPort));
  argv.insert(argv.end(), {"--cluster-replicas", "1", "--cluster-yes"});
  return run_program(argv, nodes.front().files / "redis-cli.log", kJoinMax);
}

// Every server knows the cluster as whole, and every replica follows its master.
std::optional<NotReady> missing_in(const std::vector<Host>& nodes) {
  for (const Host& host : nodes) {
    for (const int port : {kMasterPort, kReplicaPort}) {
      RedisConnection connection({host.ipv4, port});
      const auto state = connection.command({"CLUSTER", "INFO"}, kAskTimeout);
      if (!state) return NotReady{.host = host.name, .why = state.error().message};
      if (state->text.find("cluster_state:ok") == std::string::npos)
        return NotReady{.host = host.name, .why = fmt::format("port {} knows no whole cluster", port)};
      const auto role = connection.command({"INFO", "replication"}, kAskTimeout);
      const bool follows = role && (role->text.find("role:master") != std::string::npos
                                        ? role->text.find("state=online") != std::string::npos
                                        : role->text.find("master_link_status:up") != std::string::npos);
      if (!follows) return NotReady{.host = host.name, .why = fmt::format("port {} has no counterpart yet", port)};
    }
  }
  return std::nullopt;
}

std::optional<NotReady> silent_in(const std::vector<Host>& nodes) {
  for (const Host& host : nodes)
    for (const int port : {kMasterPort, kReplicaPort})
      if (!RedisConnection({host.ipv4, port}).command({"PING"}, kAskTimeout))
        return NotReady{.host = host.name, .why = fmt::format("nobody answers on port {}", port)};
  return std::nullopt;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const model::RedisClusterTarget& options = start.experiment.target().redis_cluster();
  const std::vector<Host> nodes = nodes_of(start.world);
  if (nodes.size() < kNodesMin) return failure("redis-cluster needs three nodes", EINVAL);
  const auto started = on_nodes(start.world, [&](const Host& host) -> Status {
    if (auto done = start.world.start_node(host, server_argv(host, kMasterPort, options)); !done) return done;
    return start.world.start_beside_node(host, "replica", server_argv(host, kReplicaPort, options));
  });
  if (!started) return failure(started.error());
  if (auto up = wait_until_ready(start, kStartMax, [&] { return silent_in(nodes); }); !up) return failure(up.error());
  Status joined;
  std::jthread([&] {
    joined = start.world.join_clients();
    if (joined) joined = join_cluster(nodes);
  }).join();
  if (!joined) return failure(std::move(joined).error());
  const auto ready = wait_until_ready(start, kStartMax, [&] { return missing_in(nodes); });
  if (!ready) return failure(ready.error());
  return std::make_unique<RedisClusterTarget>(start.world, shape_of(start.experiment.workload()));
}

Status installed() {
  return need_programs({{"/usr/bin/redis-server", "redis-server"}, {"/usr/bin/redis-cli", "redis-tools"}});
}

}  // namespace

const TargetKind kRedisClusterTarget{.name = "redis-cluster",
                                     .workloads = {"register", "cas-register", "append", "set", "counter", "queue"},
                                     .installed = installed,
                                     .start = start_and_wait};

}  // namespace fracas::controller
