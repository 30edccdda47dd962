#include "controller/target/zookeeper_target.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/nodes.h"
#include "controller/target/shape.h"
#include "controller/target/zookeeper_session.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/line_stream.h"

namespace fracas::controller {
namespace {

using model::EventType;
using model::Function;
using Outcome = ZooKeeperSession::Outcome;
using Reply = ZooKeeperSession::Reply;

constexpr Duration kStartMax = std::chrono::seconds(60);
constexpr std::int64_t kAskTimeoutNs = 150'000'000;
constexpr std::uint16_t kClientPort = 2181;

struct CallOptions {
  Shape shape = Shape::single;
  bool sync = false;
};

class ZooKeeperConnection final : public NodeConnection {
 public:
  ZooKeeperConnection(const Host& host, CallOptions options)
      : server_(fmt::format("{}:{}", host.ipv4, kClientPort)), options_(options) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    if (!session_) session_.emplace(server_);
    deadline_ns_ = os::boot_now_ns() + timeout.count();
    Attempt attempt = make(call);
    if (attempt.answer.type == EventType::info) session_.reset();
    return attempt;
  }

 private:
  // What a step that did not end as it was meant to says of the whole call.
  static Attempt missed(const Reply& reply) {
    const bool unknown = reply.outcome == Outcome::unknown;
    return {.answer = {.type = unknown ? EventType::info : EventType::fail, .error = reply.error},
            .ask_another = reply.outcome == Outcome::refused};
  }
  static Attempt ok(model::Value value = {}) { return {.answer = {.type = EventType::ok, .value = std::move(value)}}; }

  Attempt make(const Call& call) {
    const std::string path = "/" + call.key;
    switch (call.function) {
      case Function::write:
        return write(path, std::to_string(std::get<std::int64_t>(call.value)));
      case Function::cas:
        return compare_and_set(path, std::get<std::pair<std::int64_t, std::int64_t>>(call.value));
      case Function::add:
        return add(path, fmt::format("{}/{}", path, std::get<std::int64_t>(call.value)));
      default:
        return read(path);
    }
  }

  Attempt read(const std::string& path) {
    if (options_.sync)
      if (const Reply synced = session_->sync("/", deadline_ns_); synced.outcome != Outcome::done)
        return missed(synced);
    const Reply reply =
        options_.shape == Shape::set ? session_->children(path, deadline_ns_) : session_->get(path, deadline_ns_);
    if (reply.outcome == Outcome::no_node) return ok();
    if (reply.outcome != Outcome::done) return missed(reply);
    if (options_.shape != Shape::set) return ok(std::strtoll(reply.value.c_str(), nullptr, 10));
    std::vector<std::int64_t> elements;
    for (const std::string& name : reply.children) elements.push_back(std::strtoll(name.c_str(), nullptr, 10));
    return ok(std::move(elements));
  }

  // A key that nobody wrote yet is created; who loses that race writes after all.
  Attempt write(const std::string& path, const std::string& value) {
    Reply reply = session_->set(path, value, ZooKeeperSession::kAnyVersion, deadline_ns_);
    if (reply.outcome == Outcome::no_node) reply = session_->create(path, value, deadline_ns_);
    if (reply.outcome == Outcome::exists)
      reply = session_->set(path, value, ZooKeeperSession::kAnyVersion, deadline_ns_);
    return reply.outcome == Outcome::done ? ok() : missed(reply);
  }

  Attempt compare_and_set(const std::string& path, const std::pair<std::int64_t, std::int64_t>& values) {
    Reply reply = session_->get(path, deadline_ns_);
    if (reply.outcome == Outcome::unknown) reply.outcome = Outcome::refused;  // it only looked
    if (reply.outcome != Outcome::done) return missed(reply);
    if (reply.value != std::to_string(values.first)) return {.answer = {.type = EventType::fail, .error = "mismatch"}};
    reply = session_->set(path, std::to_string(values.second), reply.version, deadline_ns_);
    return reply.outcome == Outcome::done ? ok() : missed(reply);
  }

  Attempt add(const std::string& parent, const std::string& path) {
    Reply reply = session_->create(path, "", deadline_ns_);
    if (reply.outcome == Outcome::no_node) {
      const Reply made = session_->create(parent, "", deadline_ns_);
      if (made.outcome != Outcome::done && made.outcome != Outcome::exists) return missed(made);
      reply = session_->create(path, "", deadline_ns_);
    }
    return reply.outcome == Outcome::done ? ok() : missed(reply);
  }

  std::string server_;
  CallOptions options_;
  std::optional<ZooKeeperSession> session_;
  std::int64_t deadline_ns_ = 0;
};

// "leader", "follower", or nothing where the server does not serve: its answer to the four-letter word srvr.
std::string mode_of(const Host& host) {
  const std::int64_t deadline_ns = os::boot_now_ns() + kAskTimeoutNs;
  auto stream = os::LineStream::connect(host.ipv4, kClientPort, deadline_ns);
  if (!stream || !stream->send("srvr", deadline_ns)) return {};
  constexpr std::string_view kMode = "Mode: ";
  while (const auto line = stream->receive(deadline_ns))
    if (line->starts_with(kMode)) return line->substr(kMode.size());
  return {};
}

class ZooKeeperTarget final : public Target {
 public:
  ZooKeeperTarget(const World& world, CallOptions options) : world_(world), options_(options) {}

  // One that was cut off says so no more once it noticed; until then there may be two: nobody leads for sure.
  std::string ask_leader() const override {
    std::string leader;
    for (const auto& [host, mode] : ask_nodes<std::string>(world_, mode_of)) {
      if (mode != "leader") continue;
      if (!leader.empty()) return {};
      leader = host;
    }
    return leader;
  }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    return bound_clients(world_, attempt_timeout, [this](const Host& host) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<ZooKeeperConnection>(host, options_);
    });
  }

 private:
  const World& world_;
  CallOptions options_;
};

// A server that hears nothing of the others for syncLimit ticks, two seconds, stops serving.
std::string config_of(const Host& host, const std::vector<Host>& nodes) {
  std::string text = fmt::format(
      "tickTime=500\ninitLimit=20\nsyncLimit=4\ndataDir={}\nclientPort={}\nclientPortAddress={}\n"
      "admin.enableServer=false\n4lw.commands.whitelist=srvr\nmaxClientCnxns=0\n",
      host.data.string(), kClientPort, host.ipv4);
  for (std::size_t i = 0; i < nodes.size(); ++i) text += fmt::format("server.{}={}:2888:3888\n", i + 1, nodes[i].ipv4);
  return text;
}

Status start_host(World& world, const Host& host) {
  const std::vector<Host> nodes = nodes_of(world);
  const auto config = write_config(host, "zoo.cfg", config_of(host, nodes));
  if (!config) return failure(config.error());
  std::size_t number = 1;
  while (nodes[number - 1].name != host.name) ++number;
  if (auto written = os::write_file_durably(host.data / "myid", std::to_string(number)); !written) return written;
  return world.start_node(host, {"/usr/bin/java", "-Xmx256m", "-Xms32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                                 "-cp", "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar",
                                 "org.apache.zookeeper.server.quorum.QuorumPeerMain", *config});
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const auto started = on_nodes(start.world, [&](const Host& host) { return start_host(start.world, host); });
  if (!started) return failure(started.error());
  const std::vector<Host> nodes = nodes_of(start.world);
  const auto ready = wait_until_ready(start, kStartMax, [&]() -> std::optional<NotReady> {
    for (const Host& host : nodes)
      if (mode_of(host).empty()) return NotReady{.host = host.name, .why = "it does not serve"};
    return std::nullopt;
  });
  if (!ready) return failure(ready.error());
  return std::make_unique<ZooKeeperTarget>(start.world,
                                           CallOptions{.shape = shape_of(start.experiment.workload()),
                                                       .sync = start.experiment.target().zookeeper().sync()});
}

Status installed() {
  if (auto java = need_programs({{"/usr/bin/java", "default-jre-headless"}}); !java) return java;
  return need_files({{"/usr/share/java/zookeeper.jar", "zookeeper"}});
}

}  // namespace

const TargetKind kZooKeeperTarget{.name = "zookeeper",
                                  .workloads = {"register", "cas-register", "set"},
                                  .installed = installed,
                                  .start = start_and_wait};

}  // namespace fracas::controller
