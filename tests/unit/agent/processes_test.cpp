// Processes chosen by what they are: the rules, without looking at any.
#include <google/protobuf/text_format.h>

#include "agent/policy.h"
#include "agent/policy_facts.h"
#include "agent/policy_scope.h"
#include "agent/processes/container_id.h"
#include "agent/processes/listeners.h"
#include "agent/processes/selector.h"
#include "agent/syscalls/traced_processes.h"
#include "lib/model/agent.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;

namespace {

const std::string kId = "3f2a9c81b7d0e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f80912a3b";

ProcessSelector selector(const std::string& text) {
  model::ProcessSelector message;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return selector_from(message);
}

bool chooses(const std::string& text, const ProcessFacts& process) {
  return agent::chooses(selector(text), process);
}

const ProcessFacts kEtcd{.identity = {.pid = 4711, .start_ticks = 5},
                         .name = "etcd",
                         .program = "etcd-server",
                         .cgroup = "system.slice/etcd.service/inner"};

}  // namespace

TEST_CASE("containers: their ids stand in the names of cgroups, in the words of each runtime", "[unit][agent]") {
  const auto cgroup = GENERATE(
      as<std::string>(), "docker/ID", "system.slice/docker-ID.scope", "machine.slice/libpod-ID.scope/container",
      "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-ID.scope",
      "kubepods/besteffort/pod4/ID", "kubepods.slice/crio-ID.scope/a/b");
  CAPTURE(cgroup);
  std::string path = cgroup;
  path.replace(path.find("ID"), 2, kId);
  CHECK(container_of(path) == kId);
}

TEST_CASE("containers: of LXC and systemd-nspawn their names do, and monitors are none", "[unit][agent]") {
  CHECK(container_of("lxc.payload.web/system.slice/x.service") == "web");
  CHECK(container_of("lxc/web") == "web");
  CHECK(container_of("machine.slice/machine-web.scope") == "web");
  CHECK(container_of("machine.slice/systemd-nspawn@web.service/payload") == "web");
  CHECK(container_of("machine.slice/libpod-conmon-" + kId + ".scope").empty());
  CHECK(container_of("system.slice/docker.service").empty());
  CHECK(container_of("").empty());
  CHECK(container_at("docker/" + kId) == kId);
  CHECK(container_at("docker/" + kId + "/inner").empty());
}

TEST_CASE("containers: the innermost one counts, and an id may be cut short where a name may not", "[unit][agent]") {
  CHECK(container_of("lxc/outer/docker/" + kId) == kId);
  CHECK(means_container(kId.substr(0, 4), kId));
  CHECK(means_container(kId, kId));
  CHECK_FALSE(means_container("3f2b", kId));
  CHECK_FALSE(means_container("", kId));
  CHECK(means_container("web", "web"));
  CHECK_FALSE(means_container("we", "web"));
}

TEST_CASE("process selectors: a name is the program's or the process's own, with wildcards", "[unit][agent]") {
  CHECK(chooses(R"(name: "etcd")", kEtcd));
  CHECK(chooses(R"(name: "etcd-s*")", kEtcd));
  CHECK_FALSE(chooses(R"(name: "etc")", kEtcd));
  CHECK_FALSE(chooses(R"(name: "server")", kEtcd));
}

TEST_CASE("process selectors: a cgroup means all below it, a pid one process", "[unit][agent]") {
  CHECK(chooses(R"(cgroup: "system.slice/etcd.service")", kEtcd));
  CHECK(chooses(R"(cgroup: "/system.slice/")", kEtcd));
  CHECK(chooses(R"(cgroup: "*/etcd.service")", kEtcd));
  CHECK_FALSE(chooses(R"(cgroup: "system.slice/etcd")", kEtcd));
  CHECK_FALSE(chooses(R"(cgroup: "etcd.service")", kEtcd));
  CHECK(chooses("pid: 4711", kEtcd));
  CHECK_FALSE(chooses("pid: 471", kEtcd));
  const ProcessFacts contained{.identity = {.pid = 7, .start_ticks = 1}, .cgroup = "docker/" + kId + "/init"};
  CHECK(chooses("container: \"3f2a9c\"", contained));
  CHECK_FALSE(chooses("container: \"3f2a9c\"", kEtcd));
}

TEST_CASE("process selectors: packets' senders are told by the cgroup that is meant, not by those below",
          "[unit][agent]") {
  CHECK(chooses_cgroup(selector(R"(cgroup: "system.slice/*.service")"), "system.slice/etcd.service"));
  CHECK_FALSE(chooses_cgroup(selector(R"(cgroup: "system.slice/etcd.service")"), "system.slice/etcd.service/inner"));
  CHECK(chooses_cgroup(selector("container: \"3f2a9c\""), "docker/" + kId));
  CHECK_FALSE(chooses_cgroup(selector("container: \"3f2a9c\""), "docker/" + kId + "/init"));
  CHECK_FALSE(chooses_cgroup(selector("pid: 7"), "docker"));
}

TEST_CASE("listeners: the sockets that listen on a port are found in the kernel's tables", "[unit][agent]") {
  const std::string tcp =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41 1 0 100 0 0 10 0\n"
      "   1: 0100007F:094B 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 42 1 0 20 4 30 10 "
      "-1\n"
      "   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 43 1 0 100 0 0 10 0\n"
      "broken line\n";
  CHECK(sockets_on_port(tcp, Transport::tcp, 2379) == std::set<std::uint64_t>{41});
  CHECK(sockets_on_port(tcp, Transport::tcp, 22) == std::set<std::uint64_t>{43});
  CHECK(sockets_on_port(tcp, Transport::tcp, 23).empty());
  const std::string udp6 =
      "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
      "tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
      " 1108: 00000000000000000000000000000000:094B 00000000000000000000000000000000:0000 07 00000000:00000000 "
      "00:00000000 00000000     0        0 77 2 0 0\n";
  CHECK(sockets_on_port(udp6, Transport::udp, 2379) == std::set<std::uint64_t>{77});
  CHECK(sockets_on_port("", Transport::udp, 2379).empty());
}

TEST_CASE("traced processes: what the tracer is told it reads back, and nothing else", "[unit][agent]") {
  const TracedProcesses traced{.cgroups = {"/sys/fs/cgroup/a"},
                               .processes = {{.pid = 12, .start_ticks = 34}, {.pid = 5, .start_ticks = 6}}};
  const auto arguments = to_arguments(traced);
  CHECK(arguments == std::vector<std::string>{"/sys/fs/cgroup/a", "12:34", "5:6"});
  const auto read = traced_from(arguments);
  REQUIRE(read);
  CHECK(read->cgroups == traced.cgroups);
  REQUIRE(read->processes.size() == 2);
  CHECK(read->processes[0].pid == 12);
  CHECK(read->processes[1].start_ticks == 6);
  for (const char* wrong : {"12", "12:", ":34", "12:34x", "0:1", "-3:1", "a:b", ""}) {
    CAPTURE(wrong);
    CHECK_FALSE(traced_from({wrong}));
  }
}

TEST_CASE("injections: the processes and the senders that a message chooses are found in it", "[unit][agent]") {
  model::Injection injection;
  injection.mutable_process_kill();
  CHECK(processes_in(injection) == nullptr);
  injection.mutable_process_kill()->mutable_processes()->set_listen(80);
  REQUIRE(processes_in(injection) != nullptr);
  CHECK(processes_in(injection)->listen() == 80);
  CHECK(senders_in(injection) == nullptr);
  injection.mutable_net_loss()->mutable_flows()->mutable_senders()->set_cgroup("a");
  CHECK(processes_in(injection) == nullptr);
  REQUIRE(senders_in(injection) != nullptr);
  CHECK(senders_in(injection)->cgroup() == "a");
  injection.mutable_cpu_stress();
  CHECK(processes_in(injection) == nullptr);
}

TEST_CASE("policy: a chosen process is protected by its name and by its cgroup", "[unit][agent]") {
  const PolicyVictim etcd = policy_victim(kEtcd, "");
  CHECK(is_protected({.processes = {"etcd"}}, etcd));
  CHECK(is_protected({.processes = {"*server"}}, etcd));
  CHECK(is_protected({.cgroups = {"system.slice"}}, etcd));
  CHECK_FALSE(is_protected({.processes = {"postgres"}, .cgroups = {"user.slice"}}, etcd));
}
