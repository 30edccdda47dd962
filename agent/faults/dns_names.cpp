#include "agent/faults/dns_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/bpf/net.logic.h"

namespace fracas::agent {
namespace {

constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kTextMax = 253;

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return failure(fmt::format("\"{}\" is no DNS name: {}", text, why));
}

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

// "b.example" as on the wire, reversed: the root's zero, then each label from the last one on, backwards, with its
// length behind it.
Result<DnsKey> reversed_wire(std::string_view whole, std::string_view text) {
  DnsKey key{0};
  while (!text.empty()) {
    const std::size_t dot = text.rfind('.');
    const std::string_view label = dot == std::string_view::npos ? text : text.substr(dot + 1);
    if (label.empty()) return bad(whole, "a part of it is empty");
    if (label.size() > kLabelMax) return bad(whole, "a part of it is longer than 63 bytes");
    if (!std::all_of(label.begin(), label.end(), is_plain))
      return bad(whole, "its parts are of letters, digits, \"-\" and \"_\"");
    for (auto c = label.rbegin(); c != label.rend(); ++c)
      key.push_back(fracas_net_dns_lower(static_cast<std::uint8_t>(*c)));
    key.push_back(static_cast<std::uint8_t>(label.size()));
    if (dot == 0) return bad(whole, "a part of it is empty");
    text = dot == std::string_view::npos ? std::string_view() : text.substr(0, dot);
  }
  return key;
}

DnsKey whole(DnsKey name) {
  name.push_back(FRACAS_NET_DNS_WHOLE);
  return name;
}

bool lies_below(const DnsKey& name, const DnsKey& above) {
  return name.size() > above.size() && std::equal(above.begin(), above.end(), name.begin());
}

// The rules that cover the one name, or with `below` every name under it.
std::uint64_t rules_of(const std::vector<DnsClaim>& claims, const DnsKey& name, bool below) {
  std::uint64_t rules = 0;
  for (const DnsClaim& claim : claims) {
    const DnsKey& claimed = claim.pattern.name;
    const bool covered =
        claim.pattern.below ? lies_below(name, claimed) || (below && name == claimed) : !below && name == claimed;
    if (covered) rules |= std::uint64_t{1} << claim.rule;
  }
  return rules;
}

}  // namespace

Result<DnsPattern> parse_dns_pattern(std::string_view text) {
  if (text == "*") return DnsPattern{.name = {0}, .below = true};
  const bool below = text.starts_with("*.");
  std::string_view name = below ? text.substr(2) : text;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return bad(text, "it is empty");
  if (name.size() > kTextMax) return bad(text, "it is longer than 253 bytes");
  auto key = reversed_wire(text, name);
  if (!key) return failure(std::move(key).error());
  return DnsPattern{.name = *std::move(key), .below = below};
}

std::map<DnsKey, std::uint64_t> compile_dns_names(const std::vector<DnsClaim>& claims) {
  std::map<DnsKey, std::uint64_t> table;
  for (const DnsClaim& claim : claims) {
    const DnsKey& name = claim.pattern.name;
    // The name itself is not below itself, so it has an entry of its own in front of that of the names below.
    table[whole(name)] = rules_of(claims, name, false);
    if (claim.pattern.below) table[name] = rules_of(claims, name, true);
  }
  return table;
}

}  // namespace fracas::agent
