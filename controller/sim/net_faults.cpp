#include <algorithm>
#include <cmath>
#include <set>

#include "controller/sim/net_rules.h"
#include "controller/sim/sim_fault.h"
#include "lib/model/agent.pb.h"
#include "lib/model/net_flows.h"

namespace fracas::controller {
namespace {

// The flows of an injection's fault; null if its kind has none.
const model::NetFlows* flows_of(const model::Injection& injection) {
  const auto* kind =
      injection.GetReflection()->GetOneofFieldDescriptor(injection, injection.GetDescriptor()->FindOneofByName("kind"));
  if (kind == nullptr) return nullptr;
  const auto& fault = injection.GetReflection()->GetMessage(injection, kind);
  const auto* field = fault.GetDescriptor()->FindFieldByName("flows");
  if (field == nullptr || !fault.GetReflection()->HasField(fault, field)) return nullptr;
  return &dynamic_cast<const model::NetFlows&>(fault.GetReflection()->GetMessage(fault, field));
}

// Which connections are meant. All of them are TCP and lead to the node's port.
class Chosen {
 public:
  explicit Chosen(const model::Injection& injection) : seed_(injection.scope().common_seed()) {
    const model::NetFlows* flows = flows_of(injection);
    if (flows == nullptr) return;
    none_ = flows->protocol() != model::PROTOCOL_ANY && flows->protocol() != model::PROTOCOL_TCP;
    if (flows->ports_size() > 0) {
      none_ = none_ || std::none_of(flows->ports().begin(), flows->ports().end(), [](const std::string& text) {
                const auto range = model::parse_port_range(text);
                return range && range->first <= SimWorld::kNodePort && SimWorld::kNodePort <= range->last;
              });
    }
    // Of attempts, the fault itself draws the share.
    if (flows->share() > 0 && !injection.has_net_connect()) share_ = flows->share();
  }

  bool operator()(std::uint64_t connection) const {
    if (none_) return false;
    return share_ >= 1 || RandomStream(seed_ ^ (connection * 0x9e3779b97f4a7c15ULL), "flow").unit() < share_;
  }

 private:
  std::uint64_t seed_;
  bool none_ = false;
  double share_ = 1;
};

// A rule on every link in scope while it lasts.
class PacketFault final : public SimFault {
 public:
  explicit PacketFault(const SimVictim& victim) : victim_(victim), chosen_(victim.injection) {}

  void start() override {
    const auto leaving = make_rule();
    const auto arriving = victim_.injection.has_net_bandwidth() ? make_rule() : leaving;  // each way has its queue
    for (const std::string& prefix : victim_.injection.scope().from())
      if (const auto peer = once(from_, prefix))
        victim_.world.network().attach(*peer, victim_.host, victim_.id, arriving);
    for (const std::string& prefix : victim_.injection.scope().to())
      if (const auto peer = once(to_, prefix)) victim_.world.network().attach(victim_.host, *peer, victim_.id, leaving);
  }
  void stop() override { victim_.world.network().detach(victim_.id); }

 private:
  std::shared_ptr<sim::PacketRule> make_rule() {
    // Shared, because a rule is a function that can be copied.
    std::shared_ptr<NetEffect> effect =
        make_net_effect(victim_.injection, victim_.random("net"), victim_.world.scheduler().now());
    return std::make_shared<sim::PacketRule>([this, effect](const sim::Packet& packet, Duration now, sim::Fate& fate) {
      if (fate.lost || !chosen_(packet.connection)) return;
      matched();
      if (effect->act(packet, now, fate)) affected(victim_.world, packet.bytes);
    });
  }

  // A host has two prefixes, IPv4 and IPv6, and one link.
  std::optional<sim::HostIndex> once(std::set<sim::HostIndex>& seen, const std::string& prefix) const {
    const auto peer = victim_.world.node_at(prefix);
    if (!peer || !seen.insert(*peer).second) return std::nullopt;
    return peer;
  }

  SimVictim victim_;
  Chosen chosen_;
  std::set<sim::HostIndex> from_;
  std::set<sim::HostIndex> to_;
};

// Cuts the connections between the victim and its peers, whoever dialled them, once.
class Reset final : public SimFault {
 public:
  explicit Reset(const SimVictim& victim) : victim_(victim), chosen_(victim.injection) {}

  void start() override {
    node::SimCluster& cluster = victim_.world.cluster();
    std::set<sim::HostIndex> peers;
    for (const std::string& prefix : victim_.injection.scope().to())
      if (const auto peer = victim_.world.node_at(prefix)) peers.insert(*peer);
    for (const sim::HostIndex peer : peers) {
      cut(cluster.node(victim_.host), cluster.node(peer));
      cut(cluster.node(peer), cluster.node(victim_.host));
    }
  }
  void stop() override {}

 private:
  void cut(node::SimNode& from, node::SimNode& to) {
    node::SimLink* link = from.link(to.name());
    if (link == nullptr || !link->is_open() || !chosen_(link->number())) return;
    matched();
    link->reset();
    affected(victim_.world);
  }

  SimVictim victim_;
  Chosen chosen_;
};

}  // namespace

std::unique_ptr<SimFault> make_net_fault(const SimVictim& victim) {
  if (victim.injection.has_net_reset()) return std::make_unique<Reset>(victim);
  if (!make_net_effect(victim.injection, victim.random("net"), Duration{})) return nullptr;
  return std::make_unique<PacketFault>(victim);
}

}  // namespace fracas::controller
