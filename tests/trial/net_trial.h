#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "agent/bpf/net_program.h"
#include "agent/faults/net_rule.h"

// Trying the network classifier on a packet that is never sent, for tests and benches.
namespace fracas::trial {

// Ethernet, IPv4 and UDP from 10.77.0.1 port 4000 to 10.77.0.2 port 4001.
inline std::vector<std::byte> udp_packet() {
  std::vector<unsigned char> bytes = {2,    0, 0,  0,  0, 2, 2,    0,    0,    0,    0, 1,  8,  0,
                                      0x45, 0, 0,  92, 0, 1, 0,    0,    64,   17,   0, 0,  10, 77,
                                      0,    1, 10, 77, 0, 2, 0x0f, 0xa0, 0x0f, 0xa1, 0, 72, 0,  0};
  bytes.resize(106);
  std::vector<std::byte> packet(bytes.size());
  std::memcpy(packet.data(), bytes.data(), bytes.size());
  return packet;
}

// Makes `rule` the one rule of a program that is attached nowhere, for packets that leave, from now on.
inline Status put(agent::NetProgram& program, const agent::NetRule& rule) {
  constexpr std::int64_t kForever = std::int64_t{1} << 62;
  const auto parsed = agent::parse_net_rule(rule);
  if (!parsed) return failure(parsed.error());
  if (auto cleared = program.clear_counts(0); !cleared) return cleared;
  program.rule(0) = parsed->shared;
  program.rule(0).end_ns = kForever;
  for (unsigned stage = 0; stage < FRACAS_STAGES; ++stage) program.stage_rules(static_cast<fracas_stage>(stage)) = 0;
  program.stage_rules(parsed->stage) = 1;
  for (const agent::NetPrefix& prefix : parsed->to) {
    fracas_net_prefix key{};
    key.length = prefix.length;
    std::copy(prefix.address.begin(), prefix.address.end(), key.address);
    program.config().tables |= key.length == 128 ? FRACAS_TABLE_HOSTS : FRACAS_TABLE_PREFIXES;
    if (auto set = program.set_prefix(key, {.from = 0, .to = 1}); !set) return set;
  }
  program.config().lease_end_ns = kForever;
  program.config().rules_armed = 1;
  return {};
}

}  // namespace fracas::trial
