#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

// What a network fault does to which packets of this host; the kinds net.partition, net.loss and net.delay all come to this.
struct NetRule {
  std::string kind;               // "net.partition", "net.loss", "net.delay"
  std::vector<std::string> from;  // CIDR prefixes, IPv4 or IPv6: packets arriving from them
  std::vector<std::string> to;    // packets leaving to them
  double loss = 0;                // share dropped, in [0, 1]
  Duration delay{};               // packets leaving are held this long …
  Duration jitter{};              // … give or take this, uniformly; <= delay
  std::uint64_t seed = 0;
};

// The agent's one network data plane: a classifier on the interfaces of this network namespace, loaded and attached once,
// disarmed; every fault after that is a few map writes. Thread: any, calls are serialised inside.
class NetPlane {
 public:
  virtual ~NetPlane() = default;

  // Loads and attaches. `interfaces` empty: all that are up and not loopback.
  // REQUIRES: CAP_NET_ADMIN, CAP_BPF. ERRORS: the missing capability's name.
  static Result<std::unique_ptr<NetPlane>> open(const std::vector<std::string>& interfaces);

  virtual Result<std::unique_ptr<Effect>> prepare(const NetRule& rule) = 0;
  // Until when the classifier may act at all (the agent's lease).
  virtual void renew(std::int64_t lease_end_ns) = 0;
  // Descriptors that keep the classifier attached: whoever holds copies keeps drops going until window or lease ends.
  virtual std::vector<int> keep_alive_fds() const = 0;
  // What this kernel offers: one line for each kind, as `fracas doctor` shows it.
};

// What a network fault kind would use here, tried for real in a throw-away network namespace.
struct NetSupport {
  std::string kind;
  bool available = false;
  std::string mechanism;
  std::string accuracy;
  std::string missing;
};
std::vector<NetSupport> probe_net_support();

}  // namespace fracas::agent
