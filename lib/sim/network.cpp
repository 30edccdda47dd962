#include "lib/sim/network.h"

#include <utility>

#include "lib/base/ensure.h"

namespace fracas::sim {

Network::Network(std::size_t hosts, const LinkOptions& options, std::uint64_t seed)
    : hosts_(hosts), options_(options), random_(seed, "sim/network"), rules_(hosts * hosts) {}

void Network::attach(HostIndex from, HostIndex to, std::uint64_t id, std::shared_ptr<PacketRule> rule) {
  ensure(from < hosts_ && to < hosts_, "a link joins two hosts of its network");
  rules_[link(from, to)].push_back({id, std::move(rule)});
}

void Network::detach(std::uint64_t id) {
  for (auto& rules : rules_) std::erase_if(rules, [id](const Attached& attached) { return attached.id == id; });
}

Fate Network::decide(const Packet& packet, Duration now) {
  ++packets_;
  Fate fate;
  const auto spread = static_cast<std::uint64_t>(options_.spread.count());
  fate.held = options_.latency + Duration(spread == 0 ? 0 : static_cast<std::int64_t>(random_.below(spread)));
  for (const Attached& attached : rules_[link(packet.from, packet.to)]) (*attached.rule)(packet, now, fate);
  return fate;
}

}  // namespace fracas::sim
