#include "controller/target/exec_target.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "controller/target/adapter.h"
#include "controller/target/nodes.h"
#include "controller/target/user_command.h"
#include "controller/world/waiting.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr Duration kRoleTimeout = std::chrono::milliseconds(150);
constexpr std::int64_t kAskEveryNs = 200'000'000;
constexpr Duration kOpenTimeout = std::chrono::seconds(2);
constexpr std::size_t kNodesOpened = 20;

bool ipv6(const model::Experiment& experiment) {
  return experiment.world().addresses() == model::ADDRESS_FAMILY_IPV6;
}

// A client in a process of its own.
class AdapterConnection final : public NodeConnection {
 public:
  AdapterConnection(const AdapterOptions& options, std::string node) : options_(options), node_(std::move(node)) {}

  Attempt attempt(const Call& call, Duration timeout) override {
    if (!adapter_ || !adapter_->usable()) {
      adapter_.reset();
      auto opened = Adapter::open(options_, node_, timeout);
      if (!opened)
        return {.answer = {.type = model::EventType::fail, .value = {}, .node = {}, .error = opened.error().message},
                .ask_another = true};
      adapter_.emplace(std::move(*opened));
    }
    return {.answer = adapter_->invoke(call, timeout)};
  }

 private:
  AdapterOptions options_;
  std::string node_;
  std::optional<Adapter> adapter_;
};

class ExecTarget final : public Target {
 public:
  ExecTarget(const World& world, AdapterOptions options) : options_(std::move(options)) {
    asker_ = std::jthread([this, &world](const std::stop_token& stopping) {
      if (world.join_clients()) watch(stopping);
    });
  }

  std::string ask_leader() const override {
    const std::scoped_lock lock(mutex_);
    return leader_;
  }

  ClientFactory client_factory(Duration attempt_timeout) const override {
    BoundClients clients{.nodes = {}, .attempt_timeout = attempt_timeout, .connect = {}};
    for (const auto& [name, address] : options_.nodes) clients.nodes.push_back(name);
    clients.connect = [options = options_](const std::string& node) -> std::unique_ptr<NodeConnection> {
      return std::make_unique<AdapterConnection>(options, node);
    };
    return bound_clients(std::move(clients));
  }

 private:
  // An adapter of its own is asked again and again, on one thread: it ends with the thread that started it. When it
  // does not say who leads, the next one opens the next node.
  void watch(const std::stop_token& stopping) {
    std::optional<Adapter> adapter;
    auto node = options_.nodes.begin();
    do {
      if (!adapter) {
        if (auto opened = Adapter::open(options_, node->first, kOpenTimeout)) adapter.emplace(std::move(*opened));
        if (++node == options_.nodes.end()) node = options_.nodes.begin();
      }
      std::string leader = adapter ? adapter->role(kRoleTimeout) : std::string();
      if (leader.empty()) adapter.reset();
      const std::scoped_lock lock(mutex_);
      leader_ = std::move(leader);
    } while (sleep_until(os::boot_now_ns() + kAskEveryNs, stopping));
  }

  const AdapterOptions options_;
  mutable std::mutex mutex_;
  std::string leader_;
  std::jthread asker_;
};

// Opens and closes every node until all can be; of a large fleet the first ones, because each takes a process.
Status wait_until_open(const TargetStart& start, const AdapterOptions& options, Duration within) {
  std::vector<Host> left = nodes_of(start.world);
  left.resize(std::min(left.size(), kNodesOpened));
  return wait_until_ready(start, within, [&]() -> std::optional<NotReady> {
    while (!left.empty()) {
      auto opened = Adapter::open(options, left.back().name, kOpenTimeout);
      if (!opened) return NotReady{.host = left.back().name, .why = opened.error().message};
      left.pop_back();
    }
    return std::nullopt;
  });
}

// What the commands may ask for.
Result<Placeholders> common_placeholders(const TargetStart& start) {
  Placeholders common;
  auto folder = starting_folder();
  if (!folder) return failure(std::move(folder).error());
  common.folder = *std::move(folder);
  for (const Host& host : nodes_of(start.world)) {
    common.nodes[host.name] = ipv6(start.experiment) ? host.ipv6 : host.ipv4;
    if (common.nodes[host.name].empty())
      return failure(fmt::format("host {} has no {} address", host.name, ipv6(start.experiment) ? "IPv6" : "IPv4"));
  }
  return common;
}

// The target, once its adapters can open every node.
Result<std::unique_ptr<Target>> wait_for_target(const TargetStart& start, const Placeholders& common,
                                                std::vector<std::string> adapter, Duration within) {
  const std::vector<Host> nodes = nodes_of(start.world);
  AdapterOptions options{.argv = std::move(adapter),
                         .nodes = common.nodes,
                         .errors = nodes.front().files.parent_path().parent_path() / "adapter.log"};
  if (auto open = wait_until_open(start, options, within); !open) return failure(std::move(open).error());
  return std::make_unique<ExecTarget>(start.world, std::move(options));
}

Result<std::unique_ptr<Target>> wait_for_external(const TargetStart& start) {
  const model::ExternalTarget& external = start.experiment.target().external();
  const auto common = common_placeholders(start);
  if (!common) return failure(Error(common.error()).context("external"));
  auto adapter = user_command({external.adapter().begin(), external.adapter().end()}, *common);
  if (!adapter) return failure(std::move(adapter).error().context("external: adapter"));
  return wait_for_target(start, *common, *std::move(adapter), model::from_proto(external.ready_within()));
}

Result<std::unique_ptr<Target>> start_and_wait(const TargetStart& start) {
  const model::ExecTarget& exec = start.experiment.target().exec();
  const auto prepared = common_placeholders(start);
  if (!prepared) return failure(Error(prepared.error()).context("exec"));
  const Placeholders& common = *prepared;
  auto adapter = user_command({exec.adapter().begin(), exec.adapter().end()}, common);
  if (!adapter) return failure(std::move(adapter).error().context("exec: adapter"));
  const auto started = on_nodes(start.world, [&](const Host& host) -> Status {
    Placeholders own = common;
    own.name = host.name;
    own.data = host.data.string();
    auto argv = user_command({exec.node().begin(), exec.node().end()}, own);
    return argv ? start.world.start_node(host, *argv) : failure(std::move(argv).error().context("exec: node"));
  });
  if (!started) return failure(started.error());
  return wait_for_target(start, common, *std::move(adapter), model::from_proto(exec.ready_within()));
}

std::vector<std::string_view> workloads_of_adapters() {
  return {"register", "cas-register", "append",     "set",          "counter",
          "queue",    "unique-ids",   "txn-append", "txn-register", "bank"};
}

}  // namespace

const TargetKind kExecTarget{
    .name = "exec", .workloads = workloads_of_adapters(), .ipv6 = true, .installed = nullptr, .start = start_and_wait};

const TargetKind kExternalTarget{.name = "external",
                                 .workloads = workloads_of_adapters(),
                                 .ipv6 = true,
                                 .installed = nullptr,
                                 .start = wait_for_external};

}  // namespace fracas::controller
