#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/timed_effect.h"
#include "lib/base/result.h"
#include "lib/model/net_flows.h"

namespace fracas::agent {

struct NetResetRule {
  std::vector<std::string> peers{};        // CIDR prefixes, IPv4 or IPv6; empty: everybody but this host itself
  std::vector<model::PortRange> ports{};   // at either end of the connection; empty: all
  std::vector<model::PortRange> spared{};  // ports at either end that are never touched; ssh's never is
  double share = 1;                        // of the connections, in (0, 1]; chosen as by the data plane, by …
  std::uint64_t flow_seed = 0;

  bool operator==(const NetResetRule&) const = default;
};

// Cuts, once, at the window's start, every TCP connection of this network namespace that the rule covers: the local
// side's next call fails with ECONNABORTED, the peer gets a RST. New connections may be made at once. Never cut: this
// process's own sockets, and ssh (port 22). Nothing is left to revert. Counts the connections covered, and those that
// were still there to be cut.
// Mechanism: "sock-destroy". REQUIRES: CAP_NET_ADMIN; made on a thread in the victim's network namespace, and from then
// on called from any. ERRORS: a bad prefix; EOPNOTSUPP and the missing kernel option.
Result<std::unique_ptr<TimedEffect>> make_net_reset(const NetResetRule& rule);

}  // namespace fracas::agent
