#pragma once
#include <cstdint>
#include <vector>

#include "agent/faults/net_prefix.h"

namespace fracas::agent {

// How many peers the kernel's filter takes: its jumps are 16 bits wide.
inline constexpr std::size_t kDiagPeersMax = 1000;

// The program that makes the kernel list only connections whose remote address lies in one of `peers`, as the attribute
// INET_DIAG_REQ_BYTECODE wants it. An IPv4 prefix also covers IPv4 connections of IPv6 sockets. REQUIRES: 1 to
// kDiagPeersMax peers. Source: kernel net/ipv4/inet_diag.c, inet_diag_bc_run and inet_diag_bc_audit.
std::vector<std::uint8_t> diag_filter(const std::vector<NetPrefix>& peers);

}  // namespace fracas::agent
