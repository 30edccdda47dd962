// What a policy allows and refuses, each rule with its sentence.
#include "agent/policy.h"

#include <google/protobuf/text_format.h>

#include <cerrno>

#include "lib/model/agent.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPartition = R"(scope {from: "10.0.0.0/8" to: "fd00::/8"} net_partition {})";
constexpr const char* kPause = R"(scope {services: "db"} process_pause {})";

Status judge(const Policy& policy, const std::string& text, const PolicyFacts& facts = {}) {
  CAPTURE(text);
  model::Injection injection;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &injection));
  return check_policy(policy, {.id = "f", .injection = injection, .lease = 1s}, facts);
}

// The sentence of the refusal, or "".
std::string refusal(const Policy& policy, const std::string& text, const PolicyFacts& facts = {}) {
  const auto allowed = judge(policy, text, facts);
  if (allowed) return "";
  CHECK(allowed.error().code == EPERM);
  return allowed.error().message;
}

Policy policy_of(const std::string& source = "p.toml") {
  Policy policy;
  policy.source = source;
  return policy;
}

PolicyFacts with_victim(PolicyVictim victim) {
  PolicyFacts facts;
  victim.service = "db";
  facts.victims.push_back(std::move(victim));
  facts.victims_at_once = 1;
  return facts;
}

}  // namespace

TEST_CASE("policy: without rules everything but ssh is allowed", "[unit][agent]") {
  CHECK(refusal({}, kPartition).empty());
  CHECK(refusal({}, kPause, with_victim({.pid = 7, .name = "raft", .program = "raft"})).empty());
  CHECK(refusal({}, R"(scope {from: "::/0"} net_loss {loss: 1 flows {ports: "20-30"}})") ==
        "net.loss would act on port 22 of ssh (always so, the policy without a file)");
  CHECK(refusal({}, R"(scope {from: "::/0"} net_loss {loss: 1 flows {ports: "80"}})").empty());
}

TEST_CASE("policy: a freeze file refuses everything", "[unit][agent]") {
  PolicyFacts facts;
  facts.frozen_by = "/run/fracas/freeze";
  CHECK(refusal(policy_of(), kPartition, facts) ==
        "faults are frozen on this host while /run/fracas/freeze exists (freeze_file in p.toml)");
}

TEST_CASE("policy: kinds are forbidden, or the only ones allowed", "[unit][agent]") {
  Policy policy = policy_of();
  policy.kinds_forbidden = {"net.*"};
  CHECK(refusal(policy, kPartition) == "net.partition is forbidden on this host (kinds_forbidden in p.toml)");
  CHECK(refusal(policy, kPause).empty());
  policy.kinds_allowed = {"net.partition"};
  CHECK(refusal(policy, kPause) ==
        "process.pause is not among the kinds allowed on this host (kinds_allowed in p.toml)");
  CHECK_FALSE(refusal(policy, kPartition).empty());
  policy.kinds_forbidden.clear();
  CHECK(refusal(policy, kPartition).empty());
}

TEST_CASE("policy: processes are protected by name and by program", "[unit][agent]") {
  Policy policy = policy_of();
  policy.processes = {"postgres", "kube-*", "a-very-long-process-name"};
  CHECK(refusal(policy, kPause, with_victim({.pid = 7, .name = "postgres", .program = "sh"})) ==
        "the process 'postgres' (7) of service 'db' is protected by 'postgres' (protect.processes in p.toml)");
  CHECK(refusal(policy, kPause, with_victim({.program = "kube-proxy"})) ==
        "the program 'kube-proxy' of service 'db' is protected by 'kube-*' (protect.processes in p.toml)");
  CHECK_FALSE(refusal(policy, kPause, with_victim({.pid = 7, .name = "a-very-long-pro", .program = "x"})).empty());
  CHECK(refusal(policy, kPause, with_victim({.pid = 7, .name = "postgres-exporte", .program = "x"})).empty());
}

TEST_CASE("policy: cgroups are protected with everything below them", "[unit][agent]") {
  Policy policy = policy_of();
  policy.cgroups = {"system.slice"};
  const auto in = [&](const std::string& cgroup) {
    return refusal(policy, kPause, with_victim({.pid = 7, .name = "x", .program = "x", .cgroup = cgroup}));
  };
  CHECK(in("system.slice/db.service") ==
        "the process 'x' (7) of service 'db' is in the protected cgroup 'system.slice' (protect.cgroups in p.toml)");
  CHECK_FALSE(in("system.slice").empty());
  CHECK(in("system.slice2/db").empty());
  CHECK(in("").empty());
}

TEST_CASE("policy: processes at once are counted over all faults", "[unit][agent]") {
  Policy policy = policy_of();
  policy.victims_max = 2;
  PolicyFacts facts;
  facts.victims_at_once = 2;
  CHECK(refusal(policy, kPause, facts).empty());
  facts.victims_at_once = 3;
  CHECK(refusal(policy, kPause, facts) ==
        "faults would act on 3 processes at once, at most 2 are allowed (victims_max in p.toml)");
}

TEST_CASE("policy: ports are protected from faults that name them", "[unit][agent]") {
  Policy policy = policy_of();
  policy.ports = {{5432, 5440}};
  CHECK(refusal(policy, R"(scope {from: "::/0"} net_loss {loss: 1 flows {ports: "5400-5433"}})") ==
        "net.loss would act on the protected port 5432-5440 (protect.ports in p.toml)");
  CHECK(refusal(policy, R"(scope {from: "::/0"} net_loss {loss: 1 flows {ports: "5441"}})").empty());
  CHECK(refusal(policy, R"(scope {from: "::/0"} net_reset {flows {ports: "5440"}})") ==
        "net.reset would act on the protected port 5432-5440 (protect.ports in p.toml)");
  CHECK(refusal(policy, kPartition).empty());
  CHECK(refusal(policy, R"(scope {from: "::/0"} net_partition {flows {protocol: PROTOCOL_ICMP}})").empty());
  CHECK(refusal(policy, kPause).empty());
}

TEST_CASE("policy: the ports of the control channel and ssh cannot be named", "[unit][agent]") {
  PolicyFacts facts;
  facts.agent_port = 7400;
  CHECK(refusal(policy_of(), R"(scope {from: "::/0"} net_loss {loss: 1 flows {ports: "7400"}})", facts) ==
        "net.loss would act on port 7400 of this agent (always so in p.toml)");
  CHECK(refusal(policy_of(), R"(scope {from: "10.0.0.0/8"} net_partition {flows {ports: "80"}})", facts).empty());
}

TEST_CASE("policy: ssh, the agent's port and those protected are spared by faults on all ports", "[unit][agent]") {
  Policy policy = policy_of();
  policy.ports = {{5432, 5440}};
  CHECK(spared_ports(policy, 7400) == std::vector<model::PortRange>{{5432, 5440}, {22, 22}, {7400, 7400}});
  CHECK(spared_ports({}, 0) == std::vector<model::PortRange>{{22, 22}});
}

TEST_CASE("policy: protected interfaces are left out, or refused by name", "[unit][agent]") {
  Policy policy = policy_of();
  policy.interfaces = {"eth0", "wg*"};
  CHECK(allowed_interfaces(policy, {}, {"eth0", "eth1", "wg7"}).value() == std::vector<std::string>{"eth1"});
  CHECK(allowed_interfaces(policy, {"eth1"}, {"eth0", "eth1"}).value() == std::vector<std::string>{"eth1"});
  const auto refused = allowed_interfaces(policy, {"eth1", "eth0"}, {"eth0", "eth1"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the interface 'eth0' is protected (protect.interfaces in p.toml)");
  PolicyFacts facts;
  facts.has_interface = false;
  CHECK(refusal(policy, kPartition, facts) ==
        "net.partition: all interfaces are protected (protect.interfaces in p.toml)");
  CHECK(refusal(policy, kPause, facts).empty());
}

TEST_CASE("policy: the longest window", "[unit][agent]") {
  Policy policy = policy_of();
  policy.window_max = 2s;
  CHECK(check_policy_window(policy, {.start_ns = 1, .end_ns = 2'000'000'001}));
  const auto refused = check_policy_window(policy, {.start_ns = 1, .end_ns = 3'000'000'001});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == EPERM);
  CHECK(refused.error().message == "the window of 3s is longer than the 2s that are allowed (window_max in p.toml)");
}

TEST_CASE("policy: the machine's clock is set only where the policy says so", "[unit][agent]") {
  constexpr const char* kSystem = R"(scope {services: "db"} clock_skew {offset: "1h" system: true})";
  Policy policy = policy_of();
  CHECK(refusal(policy, kSystem) ==
        "clock.skew with `system` would set the clock of the whole machine (allow_system_clock in p.toml)");
  CHECK(refusal(policy, R"(scope {services: "db"} clock_skew {offset: "1h"})").empty());
  CHECK(refusal(policy, kPause).empty());
  policy.allow_system_clock = true;
  CHECK(refusal(policy, kSystem).empty());
}
