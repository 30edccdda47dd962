#include "agent/faults/net_prefix.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <bitset>
#include <charconv>
#include <optional>
#include <string>

namespace fracas::agent {
namespace {

constexpr unsigned kMappedBits = 96;

NetPrefix cut(NetPrefix prefix, unsigned length) {
  for (unsigned byte = 0; byte < 16; ++byte) {
    const unsigned first_bit = byte * 8;
    if (first_bit >= length)
      prefix.address[byte] = 0;
    else if (length - first_bit < 8)
      prefix.address[byte] = static_cast<std::uint8_t>(prefix.address[byte] & (0xff00U >> (length - first_bit)));
  }
  prefix.length = length;
  return prefix;
}

NetPrefix mapped_range() {
  NetPrefix range;
  range.address[10] = range.address[11] = 0xff;
  range.length = kMappedBits;
  range.ipv4 = true;
  return range;
}

bool in_mapped_range(const NetPrefix& prefix) {
  return prefix.length >= kMappedBits && cut(prefix, kMappedBits).address == mapped_range().address;
}

std::optional<NetPrefix> parse_address(const std::string& text) {
  NetPrefix prefix = mapped_range();
  if (::inet_pton(AF_INET, text.c_str(), &prefix.address[12]) == 1) {
    prefix.length = 128;
    return prefix;
  }
  prefix = NetPrefix{};
  if (::inet_pton(AF_INET6, text.c_str(), prefix.address.data()) != 1) return std::nullopt;
  prefix.length = 128;
  return prefix;
}

std::optional<unsigned> parse_length(std::string_view text) {
  unsigned length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

void add(PrefixRules& sum, const PrefixRules& more) {
  sum.from |= more.from;
  sum.to |= more.to;
}

}  // namespace

Result<NetPrefix> parse_net_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto prefix = parse_address(std::string(text.substr(0, slash)));
  if (!prefix)
    return failure(fmt::format("\"{}\" is not an IPv4 or IPv6 prefix such as 10.1.0.0/16 or fd00::/8", text));
  if (slash == std::string_view::npos) {
    prefix->ipv4 = prefix->ipv4 || in_mapped_range(*prefix);
    return *prefix;
  }
  const unsigned length_max = prefix->ipv4 ? 32 : 128;
  const auto length = parse_length(text.substr(slash + 1));
  if (!length || *length > length_max)
    return failure(
        fmt::format("\"{}\": an {} prefix has 0 to {} bits", text, prefix->ipv4 ? "IPv4" : "IPv6", length_max));
  NetPrefix exact = cut(*prefix, prefix->ipv4 ? *length + kMappedBits : *length);
  if (exact.address != prefix->address)
    return failure(fmt::format("\"{}\": bits are set behind the first {}", text, *length));
  exact.ipv4 = exact.ipv4 || in_mapped_range(exact);
  return exact;
}

std::map<NetPrefix, PrefixRules> compile_prefixes(const std::vector<PrefixClaim>& claims) {
  std::map<NetPrefix, PrefixRules> own;
  std::bitset<129> lengths;
  bool reaches_around_ipv4 = false;
  for (const PrefixClaim& claim : claims) {
    add(own[claim.prefix], claim.rules);
    lengths.set(claim.prefix.length);
    if (!claim.prefix.ipv4 && claim.prefix.length <= kMappedBits)
      reaches_around_ipv4 |= cut(mapped_range(), claim.prefix.length).address == claim.prefix.address;
  }
  if (reaches_around_ipv4) own.try_emplace(mapped_range());
  std::vector<unsigned> lengths_there;
  for (unsigned length = 0; length < lengths.size(); ++length)
    if (lengths[length]) lengths_there.push_back(length);
  // In place: what an entry has got from those around it covers the entries in it as well.
  for (auto& [prefix, rules] : own) {
    for (const unsigned length : lengths_there) {
      if (length >= prefix.length) break;
      // The family is part of the key, so only prefixes of the same family are found.
      if (const auto around = own.find(cut(prefix, length)); around != own.end()) add(rules, around->second);
    }
  }
  return own;
}

}  // namespace fracas::agent
