#include "controller/target/maelstrom_target.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "controller/target/bound_clients.h"
#include "controller/target/maelstrom_calls.h"
#include "controller/target/nodes.h"
#include "controller/target/user_command.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/line_stream.h"

namespace fracas::controller {
namespace {

using maelstrom::Protocol;
using model::EventType;
using nlohmann::json;

constexpr std::uint16_t kPort = 7400;
constexpr std::int64_t kAskTimeoutNs = 200'000'000;

Protocol protocol_of(const model::Experiment& experiment) {
  switch (experiment.workload().kind_case()) {
    case model::Workload::kEcho:
      return Protocol::echo;
    case model::Workload::kUniqueIds:
      return Protocol::unique_ids;
    case model::Workload::kSet:
      return experiment.target().maelstrom().broadcast() ? Protocol::broadcast : Protocol::g_set;
    case model::Workload::kCounter:
      return Protocol::counter;
    case model::Workload::kTxnAppend:
    case model::Workload::kTxnRegister:
      return Protocol::txn;
    case model::Workload::kLog:
      return Protocol::kafka;
    default:
      return Protocol::lin_kv;
  }
}

// One Maelstrom client: its connection to the bridge of its node.
class MaelstromConnection final : public NodeConnection {
 public:
  MaelstromConnection(Protocol protocol, const Host& host)
      : protocol_(protocol), host_(host.name), address_(host.ipv4), name_(fmt::format("c{}", next_.fetch_add(1))) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    const std::int64_t deadline_ns = os::boot_now_ns() + timeout.count();
    if (!stream_) {
      auto stream = os::LineStream::connect(address_, kPort, deadline_ns);
      if (!stream)
        return {.answer = {.type = EventType::fail, .value = {}, .node = {}, .error = stream.error().message},
                .ask_another = true};
      stream_.emplace(std::move(*stream));
    }
    auto body = ask(maelstrom::body_of(protocol_, call, ++messages_), deadline_ns);
    if (!body) return {.answer = {.type = EventType::info, .value = {}, .node = {}, .error = body.error().message}};
    return {.answer = maelstrom::answer_of(protocol_, call, *body)};
  }

 private:
  Result<std::string> ask(const std::string& body, std::int64_t deadline_ns) {
    const std::string message = fmt::format(R"({{"src":"{}","dest":"{}","body":{}}})", name_, host_, body);
    auto sent = stream_->send(message, deadline_ns);
    while (sent) {
      auto line = stream_->receive(deadline_ns);
      if (!line) return line;
      const json reply = json::parse(*line, nullptr, false);
      const json answer = reply.is_object() ? reply.value("body", json::object()) : json::object();
      if (answer.value("in_reply_to", json()) == json(messages_)) return answer.dump();
    }
    return failure(std::move(sent).error());
  }

  static inline std::atomic<std::uint64_t> next_ = 1;  // names are never used again
  Protocol protocol_;
  std::string host_;
  std::string address_;
  std::string name_;
  std::optional<os::LineStream> stream_;
  std::uint64_t messages_ = 0;
};

class MaelstromTarget final : public Target {
 public:
  MaelstromTarget(const World& world, Protocol protocol) : world_(world), protocol_(protocol) {}

  std::string ask_leader() const override { return {}; }  // the protocol has no word for it

  ClientFactory client_factory(Duration attempt_timeout) const override {
    BoundClients clients{.nodes = {}, .attempt_timeout = attempt_timeout, .connect = {}};
    for (const Host& host : nodes_of(world_)) clients.nodes.push_back(host.name);
    clients.connect = [this](const std::string& node) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<MaelstromConnection>(protocol_, *world_.find(node));
    };
    return bound_clients(std::move(clients));
  }

 private:
  const World& world_;
  Protocol protocol_;
};

std::vector<std::string> bridge_argv(const Host& host, const std::vector<Host>& nodes, bool topology,
                                     const std::vector<std::string>& program) {
  std::vector<std::string> argv{(os::own_folder() / "fracas-bridge").string(), "--name", host.name, "--listen",
                                fmt::format("{}:{}", host.ipv4, kPort)};
  for (const Host& peer : nodes)
    if (peer.name != host.name)
      argv.insert(argv.end(), {"--peer", fmt::format("{}={}:{}", peer.name, peer.ipv4, kPort)});
  if (topology) argv.emplace_back("--topology");
  argv.emplace_back("--");
  argv.insert(argv.end(), program.begin(), program.end());
  return argv;
}

Status start_host(const TargetStart& start, const Host& host) {
  const model::MaelstromTarget& options = start.experiment.target().maelstrom();
  const std::vector<Host> nodes = nodes_of(start.world);
  auto folder = starting_folder();
  if (!folder) return failure(std::move(folder).error());
  Placeholders own{.name = host.name, .data = host.data.string(), .nodes = {}, .folder = *std::move(folder)};
  for (const Host& node : nodes) own.nodes[node.name] = node.ipv4;
  const auto program = user_command({options.node().begin(), options.node().end()}, own);
  if (!program) return failure(program.error());
  return start.world.start_node(
      host, bridge_argv(host, nodes, protocol_of(start.experiment) == Protocol::broadcast, *program));
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const Duration within = model::from_proto(start.experiment.target().maelstrom().ready_within());
  const auto started = on_nodes(start.world, [&](const Host& host) { return start_host(start, host); });
  if (!started) return failure(Error(started.error()).context("maelstrom"));
  // A bridge listens once its node program has answered init.
  std::vector<Host> left = nodes_of(start.world);
  const auto ready = wait_until_ready(start, within, [&]() -> std::optional<NotReady> {
    while (!left.empty()) {
      if (!os::LineStream::connect(left.back().ipv4, kPort, os::boot_now_ns() + kAskTimeoutNs))
        return NotReady{.host = left.back().name, .why = "its node program has not answered init"};
      left.pop_back();
    }
    return std::nullopt;
  });
  if (!ready) return failure(ready.error());
  return std::make_unique<MaelstromTarget>(start.world, protocol_of(start.experiment));
}

}  // namespace

const TargetKind kMaelstromTarget{.name = "maelstrom",
                                  .workloads = {"echo", "unique-ids", "set", "counter", "register", "cas-register",
                                                "txn-append", "txn-register", "log"},
                                  .installed = nullptr,
                                  .start = start_and_wait};

}  // namespace fracas::controller
