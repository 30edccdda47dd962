#include "controller/inventory/kubernetes_hosts.h"

#include <string>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::controller::kubernetes;

namespace {

std::string pod(const std::string& node, const std::string& address, const std::string& more = "") {
  return R"({"metadata":{"name":"fracas-agent-x")" + more + R"(},"spec":{"nodeName":")" + node +
         R"(","containers":[{"name":"agent","ports":[{"name":"metrics","containerPort":7601},
         {"name":"grpc","containerPort":7700}]}]},"status":{"phase":"Running","podIP":")" +
         address + R"("}})";
}

std::string pods(const std::string& items, const std::string& go_on = "") {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"continue":")" + go_on + R"("},"items":[)" + items + "]}";
}

}  // namespace

TEST_CASE("kubernetes inventory: a namespace and a selector are read, anything else is refused", "[unit][controller]") {
  const auto plain = parse_agent_pods("fracas");
  REQUIRE(plain);
  CHECK(plain->space == "fracas");
  CHECK(pods_path(*plain, "") ==
        "/api/v1/namespaces/fracas/pods?labelSelector=app.kubernetes.io%2Fname%3Dfracas-agent&limit=500");
  const auto chosen = parse_agent_pods("chaos/team in (a,b)");
  REQUIRE(chosen);
  CHECK(pods_path(*chosen, "x=1") ==
        "/api/v1/namespaces/chaos/pods?labelSelector=team%20in%20%28a%2Cb%29&limit=500&continue=x%3D1");
  CHECK(nodes_path("") == "/api/v1/nodes?limit=500");
  for (const char* bad : {"", "/a=b", "fracas/", "Fracas", "a..b", "../x", "-a"}) CHECK_FALSE(parse_agent_pods(bad));
}

TEST_CASE("kubernetes inventory: each node with an agent is a host that has the node's labels", "[unit][controller]") {
  FleetListing listing("fracas");
  CHECK(*listing.add_pods(pods(pod("node-b", "fd00::7") + "," + pod("10.0.0.9", "10.0.0.9"), "more")) == "more");
  CHECK(listing
            .add_pods(pods(pod("ending", "10.0.0.8", R"(,"deletionTimestamp":"2026-11-22T08:00:00Z")") +
                           R"(,{"spec":{"nodeName":"late"},"status":{"phase":"Pending"}},7)"))
            ->empty());
  CHECK(listing
            .add_nodes(R"({"kind":"NodeList","items":[{"metadata":{"name":"node-b","labels":{
              "topology.kubernetes.io/zone":"a","node-role.kubernetes.io/worker":"","kubernetes.io/os":"linux"}}},
              {"metadata":{"name":"other"}}]})")
            ->empty());
  const auto text = listing.hosts();
  REQUIRE(text);
  const auto inventory = model::read_inventory_text(*text, "kubernetes:fracas");
  REQUIRE(inventory);
  REQUIRE(inventory->host_size() == 2);
  CHECK(inventory->host(0).name() == "h10.0.0.9");
  CHECK(inventory->host(0).address() == "10.0.0.9:7700");
  CHECK(inventory->host(0).labels_size() == 0);
  CHECK(inventory->host(1).name() == "node-b");
  CHECK(inventory->host(1).address() == "[fd00::7]:7700");
  CHECK(inventory->host(1).certificate() == "fracas-agents.fracas.svc");
  REQUIRE(inventory->host(1).labels_size() == 2);  // an empty value cannot be named
  CHECK(inventory->host(1).labels(0) == "kubernetes.io/os=linux");
  CHECK(inventory->host(1).labels(1) == "topology.kubernetes.io/zone=a");
}

TEST_CASE("kubernetes inventory: what is no list, and a cluster without agents, is refused", "[unit][controller]") {
  FleetListing listing("fracas");
  for (const char* bad : {"", "<html>", "[]", "{}", R"({"kind":"Status","items":[]})", R"({"kind":"PodList"})",
                          R"({"kind":"PodList","items":{}})"})
    CHECK_FALSE(listing.add_pods(bad));
  CHECK(listing.add_nodes(pods("")).error().message == "the API's answer is no NodeList");
  CHECK(listing.add_pods(pods("")).has_value());
  CHECK(listing.hosts().error().message == "no agent runs in the namespace fracas");
}
