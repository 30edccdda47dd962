#include "controller/plan/peer_addresses.h"

#include <fmt/format.h>

#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

std::map<std::string, HostAddresses> numbered(int first, int last, bool ipv6 = false) {
  std::map<std::string, HostAddresses> addresses;
  for (int i = first; i <= last; ++i)
    addresses[fmt::format("n{}", i)] = {fmt::format("10.0.{}.{}", i / 256, i % 256),
                                        ipv6 ? fmt::format("fd00::{:x}", i) : ""};
  return addresses;
}

std::vector<std::string> names(const std::map<std::string, HostAddresses>& addresses) {
  std::vector<std::string> all;
  for (const auto& [host, own] : addresses) all.push_back(host);
  return all;
}

std::vector<std::string> prefixes_of(const std::map<std::string, HostAddresses>& addresses) {
  return PeerAddresses::of(names(addresses), addresses).value().prefixes();
}

}  // namespace

TEST_CASE("peer addresses: those of few hosts are a prefix each, of both families", "[unit][plan]") {
  CHECK(prefixes_of(numbered(1, 3, true)) == std::vector<std::string>{"10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32",
                                                                      "fd00::1/128", "fd00::2/128", "fd00::3/128"});
}

TEST_CASE("peer addresses: those of many are the fewest prefixes, and hold no others", "[unit][plan]") {
  CHECK(prefixes_of(numbered(0, 255)) == std::vector<std::string>{"10.0.0.0/24"});
  CHECK(prefixes_of(numbered(1, 256)) == std::vector<std::string>{"10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30",
                                                                  "10.0.0.8/29", "10.0.0.16/28", "10.0.0.32/27",
                                                                  "10.0.0.64/26", "10.0.0.128/25", "10.0.1.0/32"});
  CHECK(prefixes_of(numbered(0, 127, true)) == std::vector<std::string>{"10.0.0.0/25", "fd00::/121"});
}

TEST_CASE("peer addresses: all but a host's own", "[unit][plan]") {
  const auto addresses = numbered(0, 127);
  const auto peers = PeerAddresses::of(names(addresses), addresses).value();
  CHECK(peers.prefixes_without("n0") == std::vector<std::string>{"10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/30",
                                                                 "10.0.0.8/29", "10.0.0.16/28", "10.0.0.32/27",
                                                                 "10.0.0.64/26"});
  CHECK(peers.prefixes_without("somebody else") == peers.prefixes());
}

TEST_CASE("peer addresses: one that several hosts have stays for the others", "[unit][plan]") {
  const std::map<std::string, HostAddresses> addresses{{"a", {"10.0.0.1", ""}}, {"b", {"10.0.0.1", ""}}};
  const auto peers = PeerAddresses::of(names(addresses), addresses).value();
  CHECK(peers.prefixes() == std::vector<std::string>{"10.0.0.1/32"});
  CHECK(peers.prefixes_without("a") == std::vector<std::string>{"10.0.0.1/32"});
}

TEST_CASE("peer addresses: a host without one, and what is none, are mistakes", "[unit][plan]") {
  const std::map<std::string, HostAddresses> addresses{{"a", {"10.0.0.256", ""}}};
  CHECK(PeerAddresses::of(std::vector<std::string>{"b"}, addresses).error().message == "host b has no known address");
  CHECK(PeerAddresses::of(std::vector<std::string>{"a"}, addresses).error().message ==
        "host a: \"10.0.0.256\" is no address");
}
