#include <algorithm>

#include "controller/world/raft_node.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

namespace {

Host host(const std::string& name, const std::string& digit) {
  return {.name = name,
          .ipv4 = "10.77.0.1" + digit,
          .ipv6 = "fd77::1" + digit,
          .spare = name.starts_with("x"),
          .data = "/data/" + digit,
          .files = "/run/nodes/" + digit};
}

std::vector<Host> three_hosts() {
  return {host("n1", "1"), host("n2", "2"), host("x1", "3")};
}

// The values of an option, in order.
std::vector<std::string> values(const std::vector<std::string>& argv, const std::string& option) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i + 1 < argv.size(); ++i)
    if (argv[i] == option) found.push_back(argv[i + 1]);
  return found;
}

}  // namespace

TEST_CASE("raft argv: a node listens at its own address, knows the other nodes and no spare",
          "[unit][controller][world]") {
  const auto hosts = three_hosts();
  const auto argv = raft_argv(hosts[0], hosts, {.program = "/bin/fracas-raft"});
  CHECK(argv[0] == "/bin/fracas-raft");
  CHECK(values(argv, "--name") == std::vector<std::string>{"n1"});
  CHECK(values(argv, "--listen") == std::vector<std::string>{"10.77.0.11:7000"});
  CHECK(values(argv, "--peer") == std::vector<std::string>{"n2=10.77.0.12:7000"});
  CHECK(values(argv, "--data") == std::vector<std::string>{"/data/1"});
  CHECK(values(argv, "--events") == std::vector<std::string>{"/run/nodes/1/events.jsonl"});
  CHECK(std::ranges::count(argv, "--no-fsync") == 0);
  CHECK(values(argv, "--bug").empty());
}

TEST_CASE("raft argv: IPv6 addresses stand in brackets", "[unit][controller][world]") {
  const auto hosts = three_hosts();
  const auto argv = raft_argv(hosts[1], hosts, {.program = "/bin/fracas-raft", .ipv6 = true});
  CHECK(values(argv, "--listen") == std::vector<std::string>{"[fd77::12]:7000"});
  CHECK(values(argv, "--peer") == std::vector<std::string>{"n1=[fd77::11]:7000"});
}

TEST_CASE("raft argv: with a resolver peers are names", "[unit][controller][world]") {
  const auto hosts = three_hosts();
  const auto argv = raft_argv(hosts[0], hosts, {.program = "/bin/fracas-raft", .resolver = "10.77.0.1:53"});
  CHECK(values(argv, "--listen") == std::vector<std::string>{"10.77.0.11:7000"});
  CHECK(values(argv, "--peer") == std::vector<std::string>{"n2=n2.lab:7000"});
  CHECK(values(argv, "--resolver") == std::vector<std::string>{"10.77.0.1:53"});
}

TEST_CASE("raft argv: options reach the node", "[unit][controller][world]") {
  const auto hosts = three_hosts();
  const auto argv = raft_argv(hosts[0], hosts,
                              {.program = "/bin/fracas-raft",
                               .fsync = false,
                               .bugs = {"stale-read", "duplicate-apply"},
                               .election_timeout = std::chrono::milliseconds(300),
                               .heartbeat = std::chrono::microseconds(20'500),
                               .snapshot_every = 50,
                               .seed = 18446744073709551615U});
  CHECK(std::ranges::count(argv, "--no-fsync") == 1);
  CHECK(values(argv, "--bug") == std::vector<std::string>{"stale-read", "duplicate-apply"});
  CHECK(values(argv, "--election-timeout") == std::vector<std::string>{"300ms"});
  CHECK(values(argv, "--heartbeat") == std::vector<std::string>{"20500us"});
  CHECK(values(argv, "--snapshot-every") == std::vector<std::string>{"50"});
  CHECK(values(argv, "--seed") == std::vector<std::string>{"18446744073709551615"});
}
