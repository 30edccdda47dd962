#include "controller/target/quorum_target.h"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <thread>
#include <utility>

#include "controller/workload/quorum_workload_client.h"
#include "controller/world/log_tail.h"
#include "controller/world/node_programs.h"
#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "targets/quorum/client/quorum_client.h"

namespace fracas::controller {
namespace {

constexpr Duration kStartMax = std::chrono::seconds(10);
constexpr Duration kAskTimeout = std::chrono::milliseconds(200);
constexpr int kAskAgainMs = 20;

using Nodes = std::vector<std::pair<std::string, node::Address>>;

bool uses_ipv6(const TargetStart& start) {
  return start.experiment.world().addresses() == model::ADDRESS_FAMILY_IPV6;
}

std::vector<std::string> argv_of(const Host& host, const TargetStart& start) {
  const model::QuorumTarget& target = start.experiment.target().quorum();
  const auto duration = [](const google::protobuf::Duration& field) {
    return format_duration(model::from_proto(field));
  };
  std::vector<std::string> argv{(os::own_folder() / "fracas-quorum").string(),
                                "--name",
                                host.name,
                                "--listen",
                                node_endpoint(host, uses_ipv6(start)),
                                "--data",
                                host.data.string(),
                                "--replicas",
                                std::to_string(target.replicas()),
                                "--virtual-nodes",
                                std::to_string(target.virtual_nodes()),
                                "--gossip",
                                duration(target.gossip()),
                                "--anti-entropy",
                                duration(target.anti_entropy()),
                                "--tombstone-grace",
                                duration(target.tombstone_grace()),
                                "--seed",
                                std::to_string(start.seed)};
  for (const Host& peer : nodes_of(start.world.hosts()))
    if (peer.name != host.name)
      argv.insert(argv.end(), {"--peer", fmt::format("{}={}", peer.name, node_endpoint(peer, uses_ipv6(start)))});
  if (!target.fsync()) argv.emplace_back("--no-fsync");
  if (!target.read_repair()) argv.emplace_back("--no-read-repair");
  if (!target.hinted_handoff()) argv.emplace_back("--no-hinted-handoff");
  for (const std::string& bug : target.bugs()) argv.insert(argv.end(), {"--bug", bug});
  return argv;
}

// The first node that does not answer, or does not know all others as alive; on a thread, as it joins the clients.
std::string first_unready(const World& world, const Nodes& nodes) {
  std::string unready;
  std::jthread([&] {
    if (!world.join_clients()) return;
    quorum::QuorumClient client({.nodes = nodes});
    for (std::size_t i = 0; i < nodes.size() && unready.empty(); ++i) {
      const auto status = client.status(i, kAskTimeout);
      if (!status || status->alive.size() < nodes.size()) unready = nodes[i].first;
    }
  }).join();
  return unready;
}

Status wait_until_serving(const TargetStart& start, const Nodes& nodes) {
  const std::int64_t deadline = os::boot_now_ns() + kStartMax.count();
  for (;;) {
    const std::string unready = first_unready(start.world, nodes);
    if (unready.empty()) return {};
    if (start.stopping.stop_requested()) return failure("stopped while waiting for the quorum store", ECANCELED);
    if (os::boot_now_ns() > deadline) {
      std::string message = fmt::format("quorum: {} does not serve within {}", unready, describe_duration(kStartMax));
      if (const Host* host = start.world.find(unready)) message += log_tail(host->files / "node.log");
      return failure(std::move(message), ETIMEDOUT);
    }
    ::poll(nullptr, 0, kAskAgainMs);
  }
}

class QuorumTarget final : public Target {
 public:
  QuorumTarget(Nodes nodes, QuorumCalls calls) : nodes_(std::move(nodes)), calls_(std::move(calls)) {}

  std::string ask_leader() const override { return {}; }
  ClientFactory client_factory(Duration attempt_timeout) const override {
    return quorum_clients(nodes_, calls_, attempt_timeout);
  }

 private:
  Nodes nodes_;
  QuorumCalls calls_;
};

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  auto started = start_nodes(start.world, [&](const Host& host) { return argv_of(host, start); });
  if (!started) return failure(std::move(started).error().context("quorum"));
  Nodes nodes;
  for (const Host& host : nodes_of(start.world.hosts())) {
    const auto address = node::parse_address(node_endpoint(host, uses_ipv6(start)));
    ensure(address.has_value(), "a world's hosts have addresses");
    nodes.emplace_back(host.name, *address);
  }
  if (auto serving = wait_until_serving(start, nodes); !serving) return failure(std::move(serving).error());
  return std::make_unique<QuorumTarget>(std::move(nodes), quorum_calls(start.experiment));
}

}  // namespace

const TargetKind kQuorumTarget{
    .name = "quorum", .workloads = {"register", "set", "counter"}, .installed = nullptr, .start = start_and_wait};

}  // namespace fracas::controller
