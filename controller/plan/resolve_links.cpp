#include <algorithm>

#include "controller/plan/resolve.h"
#include "lib/model/agent.pb.h"

namespace fracas::controller {
namespace {

// The host whose address a prefix is; empty where it is none of theirs.
std::string host_of(const std::string& prefix, const std::map<std::string, HostAddresses>& addresses) {
  for (const auto& [host, own] : addresses)
    if (prefix == own.ipv4 + "/32") return host;
  return "";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> links_of(const ResolvedFault& fault,
                                                          const std::map<std::string, HostAddresses>& addresses) {
  std::vector<std::pair<std::string, std::string>> links;
  for (const auto& [host, injection] : fault.injections) {
    for (const std::string& prefix : injection->scope().from())
      if (const std::string peer = host_of(prefix, addresses); !peer.empty()) links.emplace_back(peer, host);
    for (const std::string& prefix : injection->scope().to())
      if (const std::string peer = host_of(prefix, addresses); !peer.empty()) links.emplace_back(host, peer);
  }
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links;
}

}  // namespace fracas::controller
