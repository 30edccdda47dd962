#pragma once
#include <span>

#include "agent/bpf/net.abi.h"
#include "lib/model/net_flows.h"

namespace fracas::agent {

// Puts ports into a set that a BPF program reads, one bit a port, all in one word for each 64 of them.
inline void add_ports(std::span<const model::PortRange> ranges, std::span<__u64, FRACAS_NET_PORT_WORDS> set) {
  for (const model::PortRange& range : ranges)
    for (unsigned port = range.first; port <= range.last; ++port) set[port / 64] |= __u64{1} << (port % 64);
}

}  // namespace fracas::agent
