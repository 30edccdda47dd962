#include "controller/plan/peer_addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace fracas::controller {
namespace {

// Up to here each address is a prefix of its own.
constexpr std::size_t kFewAddresses = 64;

struct Prefix {
  Address address;  // bits behind the length are 0
  unsigned length = 0;
};

bool bit(const Address& address, unsigned index) {
  return (address.bytes[index / 8] >> (7 - index % 8) & 1) != 0;
}

// Whether two prefixes, the first of which is lower, are the two halves of a shorter one.
bool are_halves(const Prefix& low, const Prefix& high) {
  if (low.length != high.length || low.length == 0 || low.address.bits != high.address.bits) return false;
  Address joined = high.address;
  const unsigned last = high.length - 1;
  if (!bit(joined, last)) return false;
  joined.bytes[last / 8] = static_cast<std::uint8_t>(joined.bytes[last / 8] & ~(0x80U >> last % 8));
  return joined == low.address;
}

std::string to_text(const Prefix& prefix) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(prefix.address.bits == 32 ? AF_INET : AF_INET6, prefix.address.bytes.data(), text.data(), text.size());
  return fmt::format("{}/{}", text.data(), prefix.length);
}

}  // namespace

Result<Address> parse_address(const std::string& text) {
  const bool ipv6 = text.find(':') != std::string::npos;
  Address address{.bits = static_cast<std::uint8_t>(ipv6 ? 128 : 32), .bytes = {}};
  if (::inet_pton(ipv6 ? AF_INET6 : AF_INET, text.c_str(), address.bytes.data()) != 1)
    return failure(fmt::format("\"{}\" is no address", text));
  return address;
}

Status PeerAddresses::add(const std::string& host, const std::map<std::string, HostAddresses>& addresses) {
  const auto found = addresses.find(host);
  if (found == addresses.end()) return failure(fmt::format("host {} has no known address", host));
  for (const std::string* text : {&found->second.ipv4, &found->second.ipv6}) {
    if (text->empty()) continue;
    const auto address = parse_address(*text);
    if (!address) return failure(fmt::format("host {}: {}", host, address.error().message));
    own_.emplace(host, *address);
    addresses_.push_back(*address);
  }
  return {};
}

void PeerAddresses::settle() {
  std::sort(addresses_.begin(), addresses_.end());
  for (std::size_t i = 1; i < addresses_.size(); ++i)
    if (addresses_[i] == addresses_[i - 1] && (shared_.empty() || shared_.back() != addresses_[i]))
      shared_.push_back(addresses_[i]);
  addresses_.erase(std::unique(addresses_.begin(), addresses_.end()), addresses_.end());
}

std::vector<std::string> PeerAddresses::prefixes_without(const std::string& host) const {
  if (!named_.empty()) return named_;
  std::vector<Address> left = addresses_;
  const auto [begin, end] = own_.equal_range(host);
  for (auto own = begin; own != end; ++own)
    if (!std::binary_search(shared_.begin(), shared_.end(), own->second))
      left.erase(std::lower_bound(left.begin(), left.end(), own->second));
  return to_prefixes(left);
}

std::vector<std::string> PeerAddresses::to_prefixes(const std::vector<Address>& sorted) {
  // What is joined so far; two halves are next to each other, because the addresses are sorted.
  std::vector<Prefix> joined;
  for (const Address& address : sorted) {
    joined.push_back({address, address.bits});
    while (sorted.size() > kFewAddresses && joined.size() > 1 && are_halves(joined[joined.size() - 2], joined.back())) {
      joined.pop_back();
      --joined.back().length;
    }
  }
  std::vector<std::string> texts;
  texts.reserve(joined.size());
  for (const Prefix& prefix : joined) texts.push_back(to_text(prefix));
  return texts;
}

}  // namespace fracas::controller
