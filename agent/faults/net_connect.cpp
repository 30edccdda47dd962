#include "agent/faults/net_connect.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "agent/faults/socket_flows.h"
#include "agent/scope.h"
#include "agent/sockets/net_connect.h"
#include "lib/base/log.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/cgroup.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "net.connect";

// The effect, with copies of its descriptors at the guardian while it lasts.
class GuardedConnect final : public Effect {
 public:
  GuardedConnect(std::unique_ptr<KeptEffect> effect, NetSlot& net, std::string id)
      : effect_(std::move(effect)), net_(net), id_(std::move(id)) {}
  ~GuardedConnect() override { static_cast<void>(revert()); }

  Status hand_over() { return net_.keep(id_, effect_->keep_alive_fds()); }
  std::string mechanism() const override { return effect_->mechanism(); }
  Status arm(const Window& window) override { return effect_->arm(window); }
  void renew(std::int64_t lease_end_ns) override { effect_->renew(lease_end_ns); }
  model::EffectCounters counters() const override { return effect_->counters(); }

  Status revert() override {
    if (std::exchange(reverted_, true)) return {};
    // The kernel ends it even if the guardian does not answer.
    if (auto dropped = net_.keep(id_, {}); !dropped) log::warning("{}: {}", kName, dropped.error().message);
    return effect_->revert();
  }

 private:
  std::unique_ptr<KeptEffect> effect_;
  NetSlot& net_;
  const std::string id_;
  bool reverted_ = false;
};

// Tells the faults of this agent apart.
std::string next_name() {
  static std::atomic<unsigned> made{0};
  return std::string(kName) + ' ' + std::to_string(++made);
}

ConnectOutcome outcome_of(model::ConnectOutcome outcome) {
  switch (outcome) {
    case model::CONNECT_OUTCOME_UNREACHABLE:
      return ConnectOutcome::unreachable;
    case model::CONNECT_OUTCOME_TIMEOUT:
      return ConnectOutcome::timeout;
    case model::CONNECT_OUTCOME_SLOW:
      return ConnectOutcome::slow;
    default:
      return ConnectOutcome::refused;
  }
}

NetConnectRule rule_of(const model::Injection& injection) {
  const model::NetConnect& fault = injection.net_connect();
  const auto& peers = injection.scope().to();
  return {.peers = {peers.begin(), peers.end()},
          .ports = ports_of(fault.flows()),
          .outcome = outcome_of(fault.outcome()),
          .delay = model::from_proto(fault.delay()),
          .share = share_of(fault.flows()),
          .seed = injection.scope().seed()};
}

Status check(const model::Injection& injection) {
  const std::string kind(kName);
  const NetConnectRule rule = rule_of(injection);
  if (auto good = check_tcp_flows(kName, injection.net_connect().flows()); !good) return good;
  if (auto good = check_net_connect(rule); !good) return failure(std::move(good).error().context(kind));
  if (auto peers = require_peers(kName, injection.scope()); !peers) return peers;
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  std::vector<std::filesystem::path> cgroups;
  for (const ServiceSite& victim : preparation.victims) {
    if (victim.cgroup.empty()) return failure("it needs a cgroup2 file system, and none is mounted", ENOTSUP);
    cgroups.push_back(victim.cgroup);
  }
  NetConnectRule rule = rule_of(preparation.injection);
  rule.spared = preparation.net.spared();
  auto effect = make_net_connect(rule, cgroups);
  if (!effect) return failure(std::move(effect).error());
  auto guarded = std::make_unique<GuardedConnect>(std::move(*effect), preparation.net, next_name());
  if (auto handed = guarded->hand_over(); !handed) return failure(std::move(handed).error());
  return std::unique_ptr<Effect>(std::move(guarded));
}

// The programs end with their window, and go with the last descriptor.
Status undo(const LedgerRecord& /*record*/, KilledServices /*killed*/) {
  return {};
}

FaultSupport probe() {
  auto cgroup = os::Cgroup::create("fracas-probe-connect-" + std::to_string(::getpid()));
  if (!cgroup) return {.missing = cgroup.error().message};
  const auto effect =
      make_net_connect({.outcome = ConnectOutcome::slow, .delay = std::chrono::seconds(1)}, {cgroup->path()});
  static_cast<void>(cgroup->remove());
  if (!effect) return {.missing = effect.error().message};
  return {.available = true, .mechanism = "cgroup-bpf", .accuracy = "every attempt; slow ones to a kernel tick"};
}

}  // namespace

constexpr FaultKind kNetConnect{
    .name = kName, .ends_by_itself = true, .check = check, .prepare = prepare, .undo = undo, .probe = probe};

}  // namespace fracas::agent
