#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::agent {

// Every device of ours is named so: TAP devices of delay lines, veth detours.
inline constexpr std::string_view kDetourPrefix = "fracasd";

// What a network fault does to which packets of this host; the kinds net.partition, net.loss and net.delay all come to
// this.
struct NetRule {
  std::string kind{};               // "net.partition", "net.loss", "net.delay"
  std::vector<std::string> from{};  // CIDR prefixes, IPv4 or IPv6: packets arriving from them; these are never delayed
  std::vector<std::string> to{};    // packets leaving to them
  double loss = 0;                  // share dropped, in [0, 1]
  Duration delay{};                 // packets leaving are held this long …
  Duration jitter{};                // … give or take this, uniformly; <= delay
  std::uint64_t seed = 0;
};

struct NetPlaneOptions {
  // Attach by TCX where the kernel has it (6.6). Otherwise, and where it has not, by cls_bpf filters in a clsact qdisc.
  bool tcx = true;
};

// The agent's one network data plane: a classifier on the interfaces of this network namespace, loaded and attached
// once, disarmed; every fault after that is a few map writes. Window and lease are compared in the kernel, for each
// packet. Effects must be destroyed before it. Thread: any, calls are serialised inside.
class NetPlane {
 public:
  virtual ~NetPlane() = default;

  // Loads and attaches. `interfaces` empty: all that are up and not loopback.
  // REQUIRES: CAP_NET_ADMIN, CAP_BPF. ERRORS: the missing capability's name.
  static Result<std::unique_ptr<NetPlane>> open(const std::vector<std::string>& interfaces,
                                                const NetPlaneOptions& options = {});

  // An effect that does nothing until armed and nothing without a lease (`renew`). Its revert waits until packets it
  // holds are out, at most about delay + jitter.
  // ERRORS: a bad prefix or number, more than 64 rules, what a delay needs and this host lacks.
  virtual Result<std::unique_ptr<Effect>> prepare(const NetRule& rule) = 0;
  // Until when the classifier may act at all (the agent's lease).
  virtual void renew(std::int64_t lease_end_ns) = 0;
  // Descriptors that keep the classifier attached: whoever holds copies keeps drops going until window or lease ends.
  // Delays end within 100 ms of our death all the same, because their packets need us. Borrowed.
  virtual std::vector<int> keep_alive_fds() const = 0;
};

// What dead agents have left in the calling thread's network namespace, one line each: "device fracasd0", "filter
// fracas_egress on eth0". What a living agent there has made is listed too.
std::vector<std::string> find_net_leftovers();
// Removes it. Filters and qdiscs of others stay. ERRORS: the first failure; the rest is tried all the same.
Status remove_net_leftovers();

}  // namespace fracas::agent
