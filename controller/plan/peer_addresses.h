#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/plan/resolve.h"
#include "lib/base/result.h"

namespace fracas::controller {

// One address in network byte order; of an IPv4 address the first four bytes count.
struct Address {
  std::uint8_t bits = 0;  // 32 or 128
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const Address&, const Address&) = default;
};

// ERRORS: no address.
Result<Address> parse_address(const std::string& text);

// The addresses of several hosts, and the prefixes that hold them.
class PeerAddresses {
 public:
  // Both families of each, so that a fault hits whichever the target uses. ERRORS: a host has no known address.
  template <typename Hosts>
  static Result<PeerAddresses> of(const Hosts& hosts, const std::map<std::string, HostAddresses>& addresses) {
    PeerAddresses peers;
    for (const std::string& host : hosts)
      if (auto added = peers.add(host, addresses); !added) return failure(std::move(added).error());
    peers.settle();
    return peers;
  }

  // What a fault names itself: exactly these prefixes, whoever the victim is.
  static PeerAddresses named(std::vector<std::string> prefixes) {
    PeerAddresses peers;
    peers.named_ = std::move(prefixes);
    return peers;
  }

  // Prefixes that hold all addresses and no others. Those of few hosts are one for each, as people know them; of many
  // they are the fewest, since each victim of a fault is sent the prefixes of all others.
  std::vector<std::string> prefixes() const { return named_.empty() ? to_prefixes(addresses_) : named_; }
  // Without those that belong to one host alone.
  std::vector<std::string> prefixes_without(const std::string& host) const;

 private:
  Status add(const std::string& host, const std::map<std::string, HostAddresses>& addresses);
  void settle();
  static std::vector<std::string> to_prefixes(const std::vector<Address>& sorted);

  std::vector<std::string> named_;
  std::multimap<std::string, Address> own_;  // by host
  std::vector<Address> addresses_;           // of all, sorted; each once
  std::vector<Address> shared_;              // of several hosts, sorted
};

}  // namespace fracas::controller
