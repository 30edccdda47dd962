#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/sockets/kept_effect.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/net_flows.h"

namespace fracas::agent {

enum class ConnectOutcome {
  refused,      // connect(2) fails at once with ECONNREFUSED
  unreachable,  // … with EHOSTUNREACH
  timeout,      // it hangs, as with a silent peer: until the window's end, or the kernel's own ETIMEDOUT
  slow,         // it takes `delay` longer
};

struct NetConnectRule {
  std::vector<std::string> peers{};        // CIDR prefixes, IPv4 or IPv6; empty: everybody
  std::vector<model::PortRange> ports{};   // of the peer; empty: all
  std::vector<model::PortRange> spared{};  // of the peer, never touched
  ConnectOutcome outcome = ConnectOutcome::refused;
  Duration delay{};  // slow: 1 ms to 60 s; kept to the kernel's tick (1 to 10 ms), never less than asked
  double share = 1;  // of the attempts, in (0, 1]
  std::uint64_t seed = 0;

  bool operator==(const NetConnectRule&) const = default;
};

// ERRORS: EINVAL and one sentence.
Status check_net_connect(const NetConnectRule& rule);

// Spoils the TCP connection attempts of everything in these cgroups, whatever language it is written in; established
// connections and other processes notice nothing. Window and lease are compared in the kernel, for each attempt.
// An attempt that is slowed when the window ends still waits its time out.
// Counts the attempts in scope, and those that were spoilt. Mechanism: "cgroup-bpf".
// REQUIRES: folders of cgroup v2 groups, CAP_BPF and CAP_NET_ADMIN, Linux 5.18. ERRORS: EINVAL the rule; what the
// kernel refuses, with its errno. Source: bpf-helpers(7), bpf_set_retval and bpf_sk_storage_get; kernel
// net/ipv4/tcp_output.c.
Result<std::unique_ptr<KeptEffect>> make_net_connect(const NetConnectRule& rule,
                                                     const std::vector<std::filesystem::path>& cgroups);

}  // namespace fracas::agent
