#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::agent {

// A name as the classifier's table has it: lower case, reversed, with the mark of a whole name behind an exact one; see
// fracas_net_dns_key. Never longer than its 256 bytes.
using DnsKey = std::vector<std::uint8_t>;

// Which names a rule covers: one, or all below one.
struct DnsPattern {
  DnsKey name;  // without the mark
  bool below = false;
};

// Reads "db.example.com", "*.example.com" (every name below it, not itself) and "*" (all names). ERRORS: one line that
// names the text and the mistake: an empty label, one above 63 bytes, more than 253 in all, a character that is not a
// letter, digit, "-" or "_", a "*" elsewhere.
Result<DnsPattern> parse_dns_pattern(std::string_view text);

// One rule's claim on names.
struct DnsClaim {
  DnsPattern pattern;
  unsigned rule = 0;  // < 64
};

// What a longest-prefix-match table must hold so that one look-up finds all rules that cover a name.
std::map<DnsKey, std::uint64_t> compile_dns_names(const std::vector<DnsClaim>& claims);

}  // namespace fracas::agent
