#include <set>

#include "controller/world/lab_plan.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller;

TEST_CASE("lab plan: nodes come first, then spares, at consecutive addresses", "[unit][controller][world]") {
  const auto lab = plan_lab({.nodes = 3, .spares = 2}, "0123abcd", "/run/fracas");
  REQUIRE(lab);
  std::vector<std::string> seen;
  for (const LabHostPlan& host : lab->hosts)
    seen.push_back(host.name + " " + host.address.ipv4_interface() + " " + host.address.ipv6_interface() +
                   (host.spare ? " spare" : ""));
  CHECK(seen == std::vector<std::string>{"n1 10.77.0.11/24 fd77::11/64", "n2 10.77.0.12/24 fd77::12/64",
                                         "n3 10.77.0.13/24 fd77::13/64", "x1 10.77.0.14/24 fd77::14/64 spare",
                                         "x2 10.77.0.15/24 fd77::15/64 spare"});
  CHECK(lab->clients.ipv4_interface() == "10.77.0.2/24");
  CHECK(lab->clients.ipv6_interface() == "fd77::2/64");
}

TEST_CASE("lab plan: everything on the disk is below the lab's folder and every cgroup below the lab's",
          "[unit][controller][world]") {
  const auto lab = plan_lab({.nodes = 2, .spares = 0}, "0123abcd", "/run/fracas");
  REQUIRE(lab);
  CHECK(lab->cgroup == "fracas/lab-0123abcd");
  CHECK(lab->directory == "/run/fracas/labs/0123abcd");
  CHECK(lab->hosts[1].cgroup == "fracas/lab-0123abcd/n2");
  CHECK(lab->hosts[1].agent_cgroup == "fracas/lab-0123abcd/agent-n2");
  for (const auto& path :
       {lab->ca, lab->hosts[1].agent_state, lab->hosts[1].data, lab->hosts[1].socket, lab->hosts[1].key})
    CHECK(path.string().starts_with("/run/fracas/labs/0123abcd/"));
}

TEST_CASE("lab plan: the largest lab has no name, address or interface twice, and none longer than the kernel takes",
          "[unit][controller][world]") {
  const auto lab = plan_lab({.nodes = kLabNodesMax, .spares = kLabSparesMax}, "0123abcd", "/s");
  REQUIRE(lab);
  std::set<std::string> unique{lab->clients.ipv4, lab->clients.ipv6, lab->clients_port};
  for (const LabHostPlan& host : lab->hosts) {
    unique.insert({host.name, host.address.ipv4, host.address.ipv6, host.port});
    CHECK(host.port.size() <= 15);
  }
  CHECK(unique.size() == 3 + 4 * lab->hosts.size());
}

TEST_CASE("lab plan: impossible sizes and too deep state folders are refused", "[unit][controller][world]") {
  CHECK(plan_lab({.nodes = 0, .spares = 0}, "0123abcd", "/s").error().message == "a lab has 1 to 50 nodes, not 0");
  CHECK(plan_lab({.nodes = 51, .spares = 0}, "0123abcd", "/s").error().message == "a lab has 1 to 50 nodes, not 51");
  CHECK(plan_lab({.nodes = 1, .spares = 6}, "0123abcd", "/s").error().message == "a lab has at most 5 spares, not 6");
  const auto deep = plan_lab({.nodes = 1, .spares = 0}, "0123abcd", "/" + std::string(90, 'd'));
  REQUIRE_FALSE(deep);
  CHECK(deep.error().message.find("is too deep") != std::string::npos);
}

TEST_CASE("lab id: eight lower-case hexadecimal digits, also in a cgroup's name", "[unit][controller][world]") {
  CHECK(is_lab_id("00ff1a2b"));
  for (const char* wrong : {"", "00ff1a2", "00ff1a2b3", "00FF1A2B", "../../xx", "00ff1a2g"})
    CHECK_FALSE(is_lab_id(wrong));
  CHECK(lab_id_of_cgroup("lab-00ff1a2b") == "00ff1a2b");
  for (const char* wrong : {"lab-", "00ff1a2b", "lab-00ff1a2b-x", "LAB-00ff1a2b"})
    CHECK(lab_id_of_cgroup(wrong).empty());
}
