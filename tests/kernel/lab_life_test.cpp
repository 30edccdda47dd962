#include <chrono>
#include <fstream>
#include <stop_token>
#include <thread>

#include "controller/world/agent_client.h"
#include "controller/world/lab.h"
#include "controller/world/lab_heal.h"
#include "controller/world/raft_node.h"
#include "lib/os/process.h"
#include "tests/kernel/lab_fixture.h"
#include "tests/tree/tree.h"

using namespace fracas;
using namespace fracas::controller;
using namespace std::chrono_literals;
using fracas::tests::LabFolder;

TEST_CASE("lab: five hosts are made within two seconds, their agents answer, and afterwards nothing is left",
          "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  const std::size_t namespaces = tests::open_namespaces();
  const std::string children = tests::children();
  std::string id;
  {
    const auto start = std::chrono::steady_clock::now();
    auto lab = Lab::create(folder.options(5, 1));
    const auto took = std::chrono::steady_clock::now() - start;
    INFO((lab ? std::string() : lab.error().message));
    REQUIRE(lab);
    CHECK(took < 2s);
    id = (*lab)->id();
    REQUIRE((*lab)->hosts().size() == 6);
    for (const Host& host : (*lab)->hosts()) {
      const auto hello = (*lab)->agent(host.name).hello();
      INFO((hello ? std::string() : hello.error().message));
      REQUIRE(hello);
      CHECK(hello->name == host.name);
      CHECK(std::abs(hello->clock_offset_ns) <= hello->clock_uncertainty_ns);
      CHECK(std::filesystem::is_empty(host.data));
      CHECK(std::filesystem::exists(host.files / "agent.log"));
    }
    CHECK((*lab)->find("x1")->spare);
    CHECK((*lab)->find("n6") == nullptr);
    CHECK_FALSE((*lab)->leftovers().empty());
    CHECK(tests::joined((*lab)->tear_down()) == "");
    CHECK(tests::joined((*lab)->tear_down()) == "");
    CHECK((*lab)->leftovers().empty());
    CHECK_FALSE((*lab)->join_clients());
    CHECK_FALSE((*lab)->agent("n1").hello(1));
  }
  CHECK(tests::open_namespaces() == namespaces);
  CHECK(tests::children() == children);
  CHECK_FALSE(tests::lab_cgroup_exists(id));
  CHECK(folder.records().empty());
}

TEST_CASE("lab: two stand side by side, and one's end does not touch the other", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  auto one = Lab::create(folder.options(2));
  auto other = Lab::create(folder.options(2));
  REQUIRE((one && other));
  CHECK((*one)->hosts()[0].ipv4 == (*other)->hosts()[0].ipv4);
  one->reset();
  CHECK((*other)->agent("n1").hello());
  CHECK((*other)->agent("n2").hello());
  CHECK(tests::joined((*other)->tear_down()) == "");
}

TEST_CASE("lab: who is in namespaces that got the numbers of its own afterwards is none of it", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  auto gone = Lab::create(folder.options(2));
  REQUIRE(gone);
  CHECK(tests::joined((*gone)->tear_down()) == "");
  const auto next = Lab::create(folder.options(2));
  REQUIRE(next);
  CHECK(tests::joined((*gone)->leftovers()) == "");
}

TEST_CASE("lab: a node runs in its host's network until it is stopped, and is ended with the lab", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  auto lab = Lab::create(folder.options(1));
  REQUIRE(lab);
  const Host& host = (*lab)->hosts()[0];
  REQUIRE((*lab)->start_node(host, {"/bin/sh", "-c", "cat /proc/net/fib_trie; pwd; exec sleep 600"}));
  const auto again = (*lab)->start_node(host, {"/bin/sleep", "600"});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == EEXIST);
  CHECK(again.error().message.starts_with("agent n1: start node: "));
  REQUIRE((*lab)->stop_node(host));
  REQUIRE((*lab)->stop_node(host));
  REQUIRE((*lab)->start_node(host, {"/bin/sleep", "600"}));
  CHECK(tests::joined((*lab)->tear_down()) == "");
}

TEST_CASE("lab: an agent that does not start is named with the end of its log, and nothing is left", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  std::filesystem::create_directories(folder.state());
  const auto broken = folder.state() / "broken-agent";
  std::ofstream(broken) << "#!/bin/sh\necho this agent is broken >&2\nexit 9\n";
  std::filesystem::permissions(broken, std::filesystem::perms::owner_all);
  LabOptions options = folder.options(2);
  options.agent_program = broken;
  const std::string children = tests::children();
  const auto lab = Lab::create(options);
  REQUIRE_FALSE(lab);
  INFO(lab.error().message);
  CHECK(lab.error().message.find("agent n1 ended with exit code 9") != std::string::npos);
  CHECK(lab.error().message.find("this agent is broken") != std::string::npos);
  CHECK(lab.error().message.find("left behind") == std::string::npos);
  CHECK(tests::children() == children);
  CHECK(folder.records().empty());
}

TEST_CASE("lab: a missing agent program is one precise error", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  LabOptions options = folder.options(2);
  options.agent_program = "/nonexistent/fracas-agent";
  const auto lab = Lab::create(options);
  REQUIRE_FALSE(lab);
  CHECK(lab.error().code == ENOENT);
  CHECK(lab.error().message.find("agent program /nonexistent/fracas-agent: No such file") != std::string::npos);
  CHECK(folder.records().empty());
}

TEST_CASE("lab: is taken apart completely although its agents were killed", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  auto lab = Lab::create(folder.options(3));
  REQUIRE(lab);
  for (const Host& host : (*lab)->hosts()) REQUIRE((*lab)->start_node(host, {"/bin/sleep", "600"}));
  for (const Host& host : (*lab)->hosts()) REQUIRE(empty_cgroup("fracas/lab-" + (*lab)->id() + "/agent-" + host.name));
  CHECK(tests::joined((*lab)->tear_down()) == "");
  CHECK(folder.records().empty());
}

TEST_CASE("lab: the Raft store comes up on it, by IPv4 and by IPv6", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const std::filesystem::path program = std::filesystem::path(fracas::tests::bin_dir()) / "fracas-raft";
  if (!std::filesystem::exists(program)) FRACAS_SKIP("no fracas-raft is built");
  const bool ipv6 = GENERATE(false, true);
  const LabFolder folder;
  auto lab = Lab::create(folder.options(3, 1));
  REQUIRE(lab);
  const auto started = start_raft(**lab, {.program = program, .ipv6 = ipv6, .seed = 3});
  INFO((started ? std::string() : started.error().message));
  REQUIRE(started);
  const auto serving = wait_until_raft_serves(**lab, ipv6, 10s, std::stop_token());
  INFO((serving ? std::string() : serving.error().message));
  REQUIRE(serving);
  CHECK(serving->serving.size() >= 2);
  CHECK((*lab)->find(serving->leader) != nullptr);
  CHECK(std::filesystem::exists((*lab)->hosts()[0].files / "events.jsonl"));
  CHECK(tests::joined((*lab)->tear_down()) == "");
}

TEST_CASE("lab: a store that does not come up is an error that shows a node's log", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  auto lab = Lab::create(folder.options(1));
  REQUIRE(lab);
  REQUIRE((*lab)->start_node((*lab)->hosts()[0], {"/bin/sh", "-c", "echo cannot work like this; exit 1"}));
  const auto serving = wait_until_raft_serves(**lab, false, 500ms, std::stop_token());
  REQUIRE_FALSE(serving);
  CHECK(serving.error().message.starts_with("the Raft nodes agree on no leader within 500ms; no answer from n1"));
  CHECK(serving.error().message.find("cannot work like this") != std::string::npos);
}
