#include "controller/target/redis_sentinel_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
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

constexpr Duration kStartMax = std::chrono::seconds(30);
constexpr Duration kAskTimeout = std::chrono::milliseconds(150);
constexpr int kServerPort = 6379;
constexpr int kSentinelPort = 26379;
constexpr const char* kMaster = "store";  // what the Sentinels call it

std::string host_at(const World& world, const std::string& ipv4) {
  for (const Host& host : world.hosts())
    if (host.ipv4 == ipv4) return host.name;
  return {};
}

// The address of the master, as a Sentinel knows it.
Result<std::string> ask_sentinel(RedisConnection& sentinel, Duration timeout) {
  auto reply = sentinel.command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", kMaster}, timeout);
  if (!reply) return failure(std::move(reply).error());
  if (reply->list.size() != 2) return failure("the Sentinel knows no master");
  return std::move(reply->list.front().text);
}

struct CallOptions {
  Shape shape = Shape::set;
  std::uint32_t wait = 0;
};

// Asks the Sentinel of its host for the master once, and stays with that master as long as it serves.
class SentinelConnection final : public NodeConnection {
 public:
  SentinelConnection(const World& world, const Host& host, CallOptions options)
      : world_(world), sentinel_({host.ipv4, kSentinelPort}), options_(options) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
    if (!master_) {
      auto address = ask_sentinel(sentinel_, timeout);
      if (!address) return refused(address.error().message);
      master_.emplace(RedisConnection::Address{*std::move(address), kServerPort});
    }
    Attempt attempt = at_master(call, deadline_ns);
    attempt.answer.node = host_at(world_, master_->address().host);
    if (attempt.answer.type == EventType::info || attempt.ask_another) master_.reset();
    return attempt;
  }

 private:
  static Attempt refused(std::string why) {
    return {.answer = {.type = EventType::fail, .value = {}, .node = {}, .error = std::move(why)}, .ask_another = true};
  }
  static Attempt unknown(std::string why) {
    return {.answer = {.type = EventType::info, .value = {}, .node = {}, .error = std::move(why)}};
  }
  static Duration left_until(std::int64_t deadline_ns) { return Duration(deadline_ns - os::boot_now_ns()); }

  Attempt at_master(const Call& call, std::int64_t deadline_ns) {
    auto reply = master_->command(redis::command_of(call, options_.shape), left_until(deadline_ns));
    if (!reply) {
      if (reply.error().code == ECONNREFUSED) return refused(reply.error().message);
      return unknown(reply.error().message);
    }
    Attempt attempt{.answer = redis::answer_of(call, options_.shape, *reply),
                    .ask_another = redis::should_ask_another(*reply)};
    const bool changes = call.function != model::Function::read;
    if (attempt.answer.type == EventType::ok && changes && options_.wait > 0) return replicated(attempt, deadline_ns);
    return attempt;
  }

  // An answer counts once so many replicas have it.
  Attempt replicated(const Attempt& done, std::int64_t deadline_ns) {
    const auto left_ms = std::max<std::int64_t>(1, left_until(deadline_ns).count() / 1'000'000);
    auto reply = master_->command({"WAIT", std::to_string(options_.wait), std::to_string(left_ms)},
                                  left_until(deadline_ns) + kAskTimeout);
    if (!reply) return unknown("WAIT: " + reply.error().message);
    if (reply->number() < options_.wait) return unknown(fmt::format("WAIT: {} replicas have it", reply->text));
    return done;
  }

  const World& world_;
  RedisConnection sentinel_;
  CallOptions options_;
  std::optional<RedisConnection> master_;
};

class RedisSentinelTarget final : public Target {
 public:
  RedisSentinelTarget(const World& world, CallOptions options) : world_(world), options_(options) {}

  std::string ask_leader() const override {
    return majority_of(ask_nodes<std::string>(world_, [this](const Host& host) {
      RedisConnection sentinel({host.ipv4, kSentinelPort});
      const auto address = ask_sentinel(sentinel, kAskTimeout);
      return address ? host_at(world_, *address) : std::string();
    }));
  }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<SentinelConnection>(world_, host, options_);
    });
  }

 private:
  const World& world_;
  CallOptions options_;
};

// The first node begins as the master. Nothing but the append-only file is written to the disk, once a second.
std::string server_config(const Host& host, const Host& first, const model::RedisSentinelTarget& options) {
  std::string text = fmt::format(
      "bind {}\nport {}\nprotected-mode no\ndir {}\nappendonly yes\nappendfsync everysec\nsave \"\"\n"
      "repl-diskless-sync yes\nrepl-diskless-sync-delay 0\nrepl-timeout 10\nmin-replicas-to-write {}\n"
      "min-replicas-max-lag 2\n",
      host.ipv4, kServerPort, host.data.string(), options.min_replicas());
  if (host.name != first.name) text += fmt::format("replicaof {} {}\n", first.ipv4, kServerPort);
  return text;
}

std::string sentinel_config(const Host& host, const std::vector<Host>& nodes,
                            const model::RedisSentinelTarget& options) {
  const auto down_ms = model::from_proto(options.down_after()).count() / 1'000'000;
  return fmt::format(
      "bind {}\nport {}\nprotected-mode no\ndir {}\nsentinel monitor {} {} {} {}\n"
      "sentinel down-after-milliseconds {} {}\nsentinel failover-timeout {} {}\nsentinel parallel-syncs {} 1\n",
      host.ipv4, kSentinelPort, host.data.string(), kMaster, nodes.front().ipv4, kServerPort, nodes.size() / 2 + 1,
      kMaster, down_ms, kMaster, 3 * down_ms, kMaster);
}

Status start_server(World& world, const Host& host, const model::RedisSentinelTarget& options) {
  const auto config = write_config(host, "redis.conf", server_config(host, nodes_of(world).front(), options));
  if (!config) return failure(config.error());
  return world.start_node(host, {"/usr/bin/redis-server", *config});
}

Status start_sentinel(World& world, const Host& host, const model::RedisSentinelTarget& options) {
  const auto config = write_config(host, "sentinel.conf", sentinel_config(host, nodes_of(world), options));
  if (!config) return failure(config.error());
  return world.start_beside_node(host, "sentinel", {"/usr/bin/redis-sentinel", *config});
}

// The master sees all its replicas.
std::optional<NotReady> replica_missing_in(const std::vector<Host>& nodes) {
  const Host& first = nodes.front();
  auto replicas = RedisConnection({first.ipv4, kServerPort}).command({"INFO", "replication"}, kAskTimeout);
  if (!replicas) return NotReady{.host = first.name, .why = replicas.error().message};
  std::size_t online = 0;
  for (std::size_t at = 0; (at = replicas->text.find("state=online", at)) != std::string::npos; ++at) ++online;
  if (online + 1 < nodes.size())
    return NotReady{.host = first.name, .why = fmt::format("the master has {} replicas", online)};
  return std::nullopt;
}

// What a Sentinel must know to fail over: enough other Sentinels, and every replica, whose links are well. It promotes
// none that it does not know, and asks the master for them every ten seconds only.
std::optional<std::string> unknown_to(const Host& host, std::size_t nodes) {
  RedisConnection sentinel({host.ipv4, kSentinelPort});
  const auto quorum = sentinel.command({"SENTINEL", "CKQUORUM", kMaster}, kAskTimeout);
  if (!quorum) return quorum.error().message;
  if (!quorum->text.starts_with(fmt::format("OK {} ", nodes))) return quorum->text;
  const auto replicas = sentinel.command({"SENTINEL", "REPLICAS", kMaster}, kAskTimeout);
  if (!replicas) return replicas.error().message;
  const auto linked = std::ranges::count_if(replicas->list, redis::linked_replica);
  if (std::cmp_less(linked + 1, nodes)) return fmt::format("it knows {} replicas", linked);
  return std::nullopt;
}

std::optional<NotReady> sentinel_not_ready_in(const std::vector<Host>& nodes) {
  for (const Host& host : nodes)
    if (auto why = unknown_to(host, nodes.size()))
      return NotReady{.host = host.name, .why = "the Sentinel: " + *std::move(why)};
  return std::nullopt;
}

// Sentinels come last, so that what they are told at first is complete.
Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const model::RedisSentinelTarget& options = start.experiment.target().redis_sentinel();
  const std::vector<Host> nodes = nodes_of(start.world);
  if (auto up = on_nodes(start.world, [&](const Host& host) { return start_server(start.world, host, options); }); !up)
    return failure(std::move(up).error());
  if (auto ready = wait_until_ready(start, kStartMax, [&] { return replica_missing_in(nodes); }); !ready)
    return failure(std::move(ready).error());
  if (auto up = on_nodes(start.world, [&](const Host& host) { return start_sentinel(start.world, host, options); });
      !up)
    return failure(std::move(up).error());
  if (auto ready = wait_until_ready(start, kStartMax, [&] { return sentinel_not_ready_in(nodes); }); !ready)
    return failure(std::move(ready).error());
  return std::make_unique<RedisSentinelTarget>(
      start.world, CallOptions{.shape = shape_of(start.experiment.workload()), .wait = options.wait()});
}

Status installed() {
  return need_programs({{"/usr/bin/redis-server", "redis-server"}, {"/usr/bin/redis-sentinel", "redis-sentinel"}});
}

}  // namespace

const TargetKind kRedisSentinelTarget{.name = "redis-sentinel",
                                      .workloads = {"register", "cas-register", "append", "set", "counter", "queue"},
                                      .installed = installed,
                                      .start = start_and_wait};

}  // namespace fracas::controller
