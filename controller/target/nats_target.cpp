#include "controller/target/nats_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/nats_calls.h"
#include "controller/target/nats_connection.h"
#include "controller/target/nodes.h"
#include "controller/target/shape.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

using model::EventType;
using model::Function;
using nats::Found;

constexpr Duration kStartMax = std::chrono::seconds(30);
constexpr Duration kAskTimeout = std::chrono::milliseconds(200);
constexpr Duration kCreateTimeout = std::chrono::seconds(2);
constexpr std::size_t kNodesMin = 3;

std::string url_of(const Host& host) {
  return fmt::format("nats://{}:4222", host.ipv4);
}

// A message is looked for by the stream's leader, whichever server is asked.
class StreamConnection final : public NodeConnection {
 public:
  StreamConnection(const Host& host, Shape shape) : connection_(url_of(host)), shape_(shape) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    deadline_ns_ = os::boot_now_ns() + timeout.count();
    if (call.function == Function::read) return shape_ == Shape::single ? read_last(call.key) : read_all(call.key);
    if (call.function == Function::cas) return compare_and_set(call);
    return publish(nats::publish(call.key, std::get<std::int64_t>(call.value)));
  }

 private:
  static Attempt ok(model::Value value) { return {.answer = {.type = EventType::ok, .value = std::move(value)}}; }
  static Attempt not_read(std::string error) {
    return {.answer = {.type = EventType::fail, .error = std::move(error)}, .ask_another = true};
  }

  Found ask(const NatsRequest& request) {
    const Duration left(deadline_ns_ - os::boot_now_ns());
    if (left <= Duration::zero()) return {.error = "no time left"};
    const auto reply = connection_.ask(request, left);
    return reply ? nats::found_in(*reply) : Found{.error = reply.error().message};
  }

  Attempt publish(const NatsRequest& request) {
    const auto reply = connection_.ask(request, Duration(deadline_ns_ - os::boot_now_ns()));
    Attempt attempt{.answer = reply ? nats::answer_to_publication(*reply) : nats::answer_without_reply(reply.error())};
    attempt.ask_another = attempt.answer.type == EventType::fail && attempt.answer.error != "mismatch";
    return attempt;
  }

  Attempt read_last(const std::string& key) {
    Found found = ask(nats::last_message(key));
    if (found.kind == Found::Kind::error) return not_read(std::move(found.error));
    return ok(found.kind == Found::Kind::message ? model::Value(found.value) : model::Value());
  }

  Attempt read_all(const std::string& key) {
    std::vector<std::int64_t> values;
    std::uint64_t sequence = 0;
    while (true) {
      Found found = ask(nats::next_message(key, sequence + 1));
      if (found.kind == Found::Kind::error) return not_read(std::move(found.error));
      if (found.kind == Found::Kind::nothing) return ok(std::move(values));
      values.push_back(found.value);
      sequence = found.sequence;
    }
  }

  Attempt compare_and_set(const Call& call) {
    const auto& [expected, desired] = std::get<std::pair<std::int64_t, std::int64_t>>(call.value);
    Found found = ask(nats::last_message(call.key));
    if (found.kind == Found::Kind::error) return not_read(std::move(found.error));
    if (found.kind == Found::Kind::nothing || found.value != expected)
      return {.answer = {.type = EventType::fail, .error = "mismatch"}};
    NatsRequest request = nats::publish(call.key, desired);
    request.last_sequence = found.sequence;
    return publish(request);
  }

  NatsConnection connection_;
  Shape shape_;
  std::int64_t deadline_ns_ = 0;
};

nats::StreamState ask_stream(const Host& host) {
  const auto reply = NatsConnection(url_of(host)).ask(nats::stream_info(), kAskTimeout);
  return reply ? nats::stream_state(*reply) : nats::StreamState{.leader = {}, .error = reply.error().message};
}

class NatsTarget final : public Target {
 public:
  NatsTarget(const World& world, Shape shape) : world_(world), shape_(shape) {}

  std::string ask_leader() const override {
    return majority_of(ask_nodes<std::string>(world_, [](const Host& host) { return ask_stream(host).leader; }));
  }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<StreamConnection>(host, shape_);
    });
  }

 private:
  const World& world_;
  Shape shape_;
};

std::string config_of(const Host& host, const std::vector<Host>& nodes) {
  std::vector<std::string> routes;
  for (const Host& node : nodes) routes.push_back(fmt::format("\"nats://{}:6222\"", node.ipv4));
  return fmt::format(
      "server_name: {}\nlisten: \"{}:4222\"\njetstream {{ store_dir: \"{}\", max_mem: 64M, max_file: 512M }}\n"
      "ping_interval: \"1s\"\nping_max: 2\ncluster {{ name: store, listen: \"{}:6222\", routes: [{}] }}\n",
      host.name, host.ipv4, (host.data / "jetstream").string(), host.ipv4, fmt::join(routes, ", "));
}

// The stream is there, and all servers that keep it are up to date.
std::optional<NotReady> missing_in(const std::vector<Host>& nodes, std::uint32_t replicas) {
  const auto made = NatsConnection(url_of(nodes.front())).ask(nats::create_stream(replicas), kCreateTimeout);
  if (!made) return NotReady{.host = nodes.front().name, .why = made.error().message};
  for (const Host& host : nodes) {
    const nats::StreamState state = ask_stream(host);
    if (state.leader.empty()) return NotReady{.host = host.name, .why = state.error};
    if (state.current < replicas)
      return NotReady{.host = host.name, .why = fmt::format("the stream is on {} servers", state.current)};
  }
  return std::nullopt;
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const std::vector<Host> nodes = nodes_of(start.world);
  if (nodes.size() < kNodesMin) return failure("nats needs three nodes", EINVAL);
  if (auto opened = NatsConnection::open_library(); !opened) return failure(std::move(opened).error());
  const auto started = on_nodes(start.world, [&](const Host& host) -> Status {
    const auto config = write_config(host, "nats.conf", config_of(host, nodes));
    if (!config) return failure(config.error());
    return start.world.start_node(host, {"/usr/sbin/nats-server", "-c", *config});
  });
  if (!started) return failure(started.error());
  const auto replicas = std::min(start.experiment.target().nats().replicas(), static_cast<std::uint32_t>(nodes.size()));
  const auto ready = wait_until_ready(start, kStartMax, [&] { return missing_in(nodes, replicas); });
  if (!ready) return failure(ready.error());
  return std::make_unique<NatsTarget>(start.world, shape_of(start.experiment.workload()));
}

Status installed() {
  return need_programs({{"/usr/sbin/nats-server", "nats-server"}});
}

}  // namespace

const TargetKind kNatsTarget{.name = "nats",
                             .workloads = {"register", "cas-register", "append", "set"},
                             .installed = installed,
                             .start = start_and_wait};

}  // namespace fracas::controller
