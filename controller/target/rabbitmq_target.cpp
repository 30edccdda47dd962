#include "controller/target/rabbitmq_target.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <thread>
#include <utility>

#include "controller/target/amqp_connection.h"
#include "controller/target/bound_clients.h"
#include "controller/target/http_client.h"
#include "controller/target/nodes.h"
#include "controller/target/rabbitmq_calls.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

using model::EventType;
using model::Function;
using Outcome = AmqpConnection::Outcome;

constexpr Duration kStartMax = std::chrono::seconds(120);
constexpr Duration kAskTimeout = std::chrono::milliseconds(200);
constexpr Duration kPolicyTimeout = std::chrono::seconds(10);
constexpr std::int64_t kDeclareMaxNs = 20'000'000'000;
constexpr const char* kMirrorAll =
    R"({"pattern":"^k","definition":{"ha-mode":"all","ha-sync-mode":"automatic"},"apply-to":"queues"})";

std::string server_of(const Host& host) {
  return "rabbit@" + host.ipv4;
}

// The management interface, as the user that a new server has.
HttpClient interface_of(const Host& host) {
  return HttpClient(fmt::format("http://guest:guest@{}:15672", host.ipv4));
}

class QueueConnection final : public NodeConnection {
 public:
  explicit QueueConnection(const Host& host) : connection_(host.ipv4) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    const AmqpConnection::Reply reply = make(call, os::boot_now_ns() + timeout.count());
    return {.answer = rabbitmq::answer_of(call, reply), .ask_another = reply.outcome == Outcome::refused};
  }

 private:
  AmqpConnection::Reply make(const Call& call, std::int64_t deadline_ns) {
    if (call.function == Function::enqueue)
      return connection_.publish(call.key, std::to_string(std::get<std::int64_t>(call.value)), deadline_ns);
    return call.function == Function::drain ? connection_.take_all(call.key, deadline_ns)
                                            : connection_.take(call.key, deadline_ns);
  }

  AmqpConnection connection_;
};

rabbitmq::QueueState ask_queue(const Host& host, const std::string& queue) {
  const auto reply = interface_of(host).request("/api/queues/%2F/" + queue, "", kAskTimeout);
  return reply && reply->status == 200 ? rabbitmq::queue_state(reply->body) : rabbitmq::QueueState();
}

class RabbitmqTarget final : public Target {
 public:
  explicit RabbitmqTarget(const World& world) : world_(world) {}

  // Of the first queue: all begin on the same server.
  std::string ask_leader() const override {
    const std::string leader =
        majority_of(ask_nodes<std::string>(world_, [](const Host& host) { return ask_queue(host, "k0").leader; }));
    for (const Host& host : world_.hosts())
      if (server_of(host) == leader) return host.name;
    return {};
  }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<QueueConnection>(host);
    });
  }

 private:
  const World& world_;
};

std::string handling_of(model::PartitionHandling handling) {
  if (handling == model::PARTITION_HANDLING_AUTOHEAL) return "autoheal";
  return handling == model::PARTITION_HANDLING_IGNORE ? "ignore" : "pause_minority";
}

std::string config_of(const Host& host, const std::vector<Host>& nodes, const model::RabbitmqTarget& options) {
  std::string text = fmt::format(
      "listeners.tcp.default = {0}:5672\nmanagement.tcp.ip = {0}\nloopback_users = none\nlog.console = true\n"
      "cluster_partition_handling = {1}\ncluster_formation.peer_discovery_backend = classic_config\n"
      "cluster_formation.randomized_startup_delay_range.min = 0\n"
      "cluster_formation.randomized_startup_delay_range.max = 1\nvm_memory_high_watermark.absolute = 256MiB\n"
      "disk_free_limit.absolute = 50MB\n",
      host.ipv4, handling_of(options.partitions()));
  for (std::size_t i = 0; i < nodes.size(); ++i)
    text += fmt::format("cluster_formation.classic_config.nodes.{} = {}\n", i + 1, server_of(nodes[i]));
  return text;
}

// The servers of a cluster know each other by this secret, which nobody else may read.
Status write_cookie(const Host& host) {
  const std::filesystem::path cookie = host.data / ".erlang.cookie";
  if (auto written = os::write_file_durably(cookie, "FRACASFRACASFRACAS"); !written) return written;
  if (::chmod(cookie.c_str(), S_IRUSR) != 0) return system_failure("chmod " + cookie.string());
  return {};
}

// One scheduler and few threads a server: several share this machine. After some five seconds of silence (net_ticktime
// 4, which is 60 where nothing is said) a server takes another for gone.
Status start_host(World& world, const Host& host, const model::RabbitmqTarget& options) {
  const auto config = write_config(host, "rabbitmq.conf", config_of(host, nodes_of(world), options));
  if (!config) return failure(config.error());
  const auto advanced = write_config(host, "advanced.config", "[{kernel, [{net_ticktime, 4}]}].\n");
  if (!advanced) return failure(advanced.error());
  const auto plugins = write_config(host, "enabled_plugins", "[rabbitmq_management].\n");
  if (!plugins) return failure(plugins.error());
  if (auto written = write_cookie(host); !written) return written;
  const std::string home = host.data.string();
  // Servers find each other's ports with its help; started here, it outlives none of them.
  if (auto started = world.start_beside_node(host, "epmd", {"/usr/bin/epmd"}); !started) return started;
  return world.start_node(host, command_line({.argv = {"/usr/lib/rabbitmq/bin/rabbitmq-server"},
                                              .environment = {{"HOME", home},
                                                              {"LANG", "C.UTF-8"},
                                                              {"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"},
                                                              {"RUNNING_UNDER_SYSTEMD", "1"},  // replaces its shell
                                                              {"RABBITMQ_NODENAME", server_of(host)},
                                                              {"RABBITMQ_USE_LONGNAME", "true"},
                                                              {"RABBITMQ_MNESIA_BASE", home + "/mnesia"},
                                                              {"RABBITMQ_LOG_BASE", home + "/log"},
                                                              {"RABBITMQ_LOGS", "-"},
                                                              {"RABBITMQ_PID_FILE", home + "/pid"},
                                                              {"RABBITMQ_CONFIG_FILE", *config},
                                                              {"RABBITMQ_ADVANCED_CONFIG_FILE", *advanced},
                                                              {"RABBITMQ_ENABLED_PLUGINS_FILE", *plugins},
                                                              {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                                                               "+S 1:1 +SDcpu 1:1 +SDio 2 +A 4 +sbwt none"}}}));
}

std::optional<NotReady> missing_in(const std::vector<Host>& nodes) {
  for (const Host& host : nodes) {
    const auto reply = interface_of(host).request("/api/nodes", "", kAskTimeout);
    const std::size_t running = reply && reply->status == 200 ? rabbitmq::running_in(reply->body) : 0;
    if (running < nodes.size())
      return NotReady{.host = host.name, .why = fmt::format("it sees {} servers of the cluster run", running)};
  }
  return std::nullopt;
}

// The queues, all led by the first server, with a copy on every other.
Status make_queues(const TargetStart& start) {
  const Host first = nodes_of(start.world).front();
  const bool mirrored = start.experiment.target().rabbitmq().queues() == model::QUEUE_KIND_MIRRORED;
  Status outcome;
  std::jthread([&] {
    if (outcome = start.world.join_clients(); !outcome) return;
    if (mirrored) {
      const auto put = interface_of(first).put("/api/policies/%2F/mirrors", kMirrorAll, kPolicyTimeout);
      if (!put || put->status >= 300) outcome = failure("the mirrors: " + (put ? put->body : put.error().error));
    }
    AmqpConnection connection(first.ipv4);
    for (std::uint32_t i = 0; outcome && i < start.experiment.workload().keys(); ++i) {
      const auto made =
          connection.declare(fmt::format("k{}", i), mirrored ? "classic" : "quorum", os::boot_now_ns() + kDeclareMaxNs);
      if (made.outcome != Outcome::done) outcome = failure(fmt::format("make queue k{}: {}", i, made.error));
    }
  }).join();
  return outcome;
}

std::optional<NotReady> missing_copies(const std::vector<Host>& nodes, std::uint32_t queues) {
  for (std::uint32_t i = 0; i < queues; ++i)
    if (const auto state = ask_queue(nodes.front(), fmt::format("k{}", i)); state.copies < nodes.size())
      return NotReady{.host = nodes.front().name, .why = fmt::format("queue k{} has {} copies", i, state.copies)};
  return std::nullopt;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const model::RabbitmqTarget& options = start.experiment.target().rabbitmq();
  const auto started = on_nodes(start.world, [&](const Host& host) { return start_host(start.world, host, options); });
  if (!started) return failure(started.error());
  const std::vector<Host> nodes = nodes_of(start.world);
  const auto ready = wait_until_ready(start, kStartMax, [&] { return missing_in(nodes); });
  if (!ready) return failure(ready.error());
  if (auto made = make_queues(start); !made) return failure(std::move(made).error().context("rabbitmq"));
  const std::uint32_t queues = start.experiment.workload().keys();
  const auto whole = wait_until_ready(start, kStartMax, [&] { return missing_copies(nodes, queues); });
  if (!whole) return failure(whole.error());
  return std::make_unique<RabbitmqTarget>(start.world);
}

Status installed() {
  return need_programs(
      {{"/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"}, {"/usr/bin/epmd", "erlang-base"}});
}

}  // namespace

const TargetKind kRabbitmqTarget{
    .name = "rabbitmq", .workloads = {"queue"}, .installed = installed, .start = start_and_wait};

}  // namespace fracas::controller
