#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::agent {

// A range of IP addresses. Host bits are zero. IPv4 prefixes are kept as ::ffff:a.b.c.d with 96 more bits.
struct NetPrefix {
  std::array<std::uint8_t, 16> address{};
  unsigned length = 0;  // bits of the 128
  bool ipv4 = false;

  auto operator<=>(const NetPrefix&) const = default;
};

// Reads "10.1.0.0/16", "10.1.0.7", "fd00::/8", "fd00::7". ERRORS: one line that names the text and the mistake: no
// address, a length out of range, bits set behind the prefix.
Result<NetPrefix> parse_net_prefix(std::string_view text);

// Bit r: rule r covers packets that come from there, or go there.
struct PrefixRules {
  std::uint64_t from = 0;
  std::uint64_t to = 0;

  bool operator==(const PrefixRules&) const = default;
};

// One rule's claim on a prefix.
struct PrefixClaim {
  NetPrefix prefix;
  PrefixRules rules;
};

// What a longest-prefix-match table must hold so that one look-up finds *all* rules that cover an address: each entry
// has the bits of its own rules and of every prefix around it. IPv6 prefixes never cover IPv4 addresses, although those
// lie in ::ffff:0:0/96; where one reaches around that range, the range gets an entry of its own.
std::map<NetPrefix, PrefixRules> compile_prefixes(const std::vector<PrefixClaim>& claims);

}  // namespace fracas::agent
