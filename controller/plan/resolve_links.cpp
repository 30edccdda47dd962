#include <algorithm>
#include <charconv>

#include "controller/plan/peer_addresses.h"
#include "controller/plan/resolve.h"
#include "lib/model/agent.pb.h"

namespace fracas::controller {
namespace {

// More than that nobody draws, and a fault between all hosts of a large fleet has millions.
constexpr std::size_t kLinksMax = 10'000;

using Links = std::vector<std::pair<std::string, std::string>>;

// The hosts by their addresses.
class AddressBook {
 public:
  explicit AddressBook(const std::map<std::string, HostAddresses>& addresses) {
    for (const auto& [host, own] : addresses)
      for (const std::string* text : {&own.ipv4, &own.ipv6})
        if (const auto address = parse_address(*text)) entries_.push_back({*address, &host});
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.address < b.address; });
  }

  // Calls visit(host) for every host that has an address in the prefix.
  template <typename Visit>
  void within(const std::string& prefix, const Visit& visit) const {
    const std::size_t slash = prefix.find('/');
    const auto low = parse_address(prefix.substr(0, slash));
    if (!low) return;
    unsigned length = low->bits;
    if (slash != std::string::npos) std::from_chars(prefix.data() + slash + 1, prefix.data() + prefix.size(), length);
    auto entry = std::lower_bound(entries_.begin(), entries_.end(), *low,
                                  [](const Entry& a, const Address& b) { return a.address < b; });
    for (; entry != entries_.end() && shares(entry->address, *low, length); ++entry) visit(*entry->host);
  }

 private:
  struct Entry {
    Address address;
    const std::string* host;
  };

  static bool shares(const Address& address, const Address& low, unsigned length) {
    if (address.bits != low.bits) return false;
    const auto whole = static_cast<std::ptrdiff_t>(length / 8);
    if (!std::equal(low.bytes.begin(), low.bytes.begin() + whole, address.bytes.begin())) return false;
    const unsigned rest = length % 8;
    return rest == 0 || ((address.bytes[length / 8] ^ low.bytes[length / 8]) >> (8 - rest)) == 0;
  }

  std::vector<Entry> entries_;  // sorted
};

}  // namespace

Links links_of(const ResolvedFault& fault, const std::map<std::string, HostAddresses>& addresses) {
  const AddressBook book(addresses);
  Links links;
  for (const auto& [host, injection] : fault.injections) {
    const auto add_from = [&](const std::string& peer) {
      if (peer != host) links.emplace_back(peer, host);
    };
    const auto add_to = [&](const std::string& peer) {
      if (peer != host) links.emplace_back(host, peer);
    };
    for (const std::string& prefix : injection->scope().from()) book.within(prefix, add_from);
    for (const std::string& prefix : injection->scope().to()) book.within(prefix, add_to);
    if (links.size() > 2 * kLinksMax) return {};
  }
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links.size() > kLinksMax ? Links{} : links;
}

}  // namespace fracas::controller
