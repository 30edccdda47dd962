// The host's policy, through the real agent.
#include <cerrno>

#include "agent/disk/disk_mount.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

#define REQUIRE_AGENT() \
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces")

namespace {

// Writes the policy beside the agent's state; returns the arguments that name it.
std::vector<std::string> with_policy(const AgentFixture& fixture, const std::string& text) {
  const auto path = fixture.folder() / "policy.toml";
  std::ofstream(path) << text;
  return {"--policy", path.string()};
}

model::Injection partition() {
  model::Injection injection;
  injection.mutable_scope()->add_from("10.99.0.0/16");
  injection.mutable_net_partition();
  return injection;
}

// Runs an agent that is not to start; returns its exit code.
int exit_of_bad_agent(const AgentFixture& fixture, const std::string& policy) {
  os::LaunchOptions launch;
  launch.argv = {agent_program(), "serve",    "--name",   "n1",      "--listen", "unix:/nowhere",
                 "--state",       "/nowhere", "--cert",   "/no",     "--key",    "/no",
                 "--ca",          "/no",      "--cgroup", "fracas-", "--policy", policy};
  launch.output = fixture.folder() / "agent.log";
  auto process = os::Process::launch(launch);
  REQUIRE(process);
  const auto ended = process->wait_for(10s);
  REQUIRE(ended);
  return ended->code;
}

void touch(const std::filesystem::path& file) {
  std::ofstream(file) << "stop\n";
}

}  // namespace

TEST_CASE("policy: a protected process is refused, and nothing is written down", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start(with_policy(fixture, "[protect]\nprocesses = [\"sleep\"]\n"));
  fixture.start_sleeper();
  const auto refused = fixture.client().prepare("p", pausing(), 1s);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("the process 'sleep'") != std::string::npos);
  CHECK(refused.error().message.find("of service 'sleeper' is protected by 'sleep' (protect.processes in ") !=
        std::string::npos);
  CHECK(fixture.ledger_records() == 0);
}

TEST_CASE("policy: a protected cgroup and all below it is refused", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  const std::string cgroup = fixture.agent_cgroup();
  fixture.start(with_policy(fixture, "[protect]\ncgroups = [\"" + cgroup + "/svc-sleeper\"]\n"));
  fixture.start_sleeper();
  fixture.start_sleeper("other");
  for (const auto& injection : {pausing(), killing(), pausing({"other", "sleeper"})}) {
    const auto refused = fixture.client().prepare("p", injection, 1s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("is in the protected cgroup '" + cgroup + "/svc-sleeper'") != std::string::npos);
    CHECK(refused.error().message.find("(protect.cgroups in ") != std::string::npos);
  }
  CHECK(fixture.ledger_records() == 0);
  CHECK(fixture.client().prepare("p", pausing({"other"}), 5s));
}

TEST_CASE("policy: a disk fault on a service whose folder is protected, holds or lies in what is, is refused",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  if (auto works = agent::probe_disk(); !works) FRACAS_SKIP(works.error().message.c_str());
  AgentFixture fixture;
  const auto data = fixture.folder() / "data";
  std::filesystem::create_directories(data / "wal");
  std::filesystem::create_directory(fixture.folder() / "free");
  fixture.start(with_policy(fixture, "[protect]\npaths = [\"" + (data / "wal").string() + "\"]\n"));
  for (const auto& [name, folder] :
       {std::pair{"above", data}, {"same", data / "wal"}, {"free", fixture.folder() / "free"}})
    REQUIRE(fixture.client().start_service({.name = name,
                                            .argv = {"/bin/sh", "-c", "sleep 1000 & wait"},
                                            .working_directory = folder.string(),
                                            .output = (fixture.folder() / "service.log").string()}));
  auto failing = [](const std::string& service) {
    auto injection = on_services({service});
    injection.mutable_disk_error()->set_files("*");
    injection.mutable_disk_error()->set_share(1);
    return injection;
  };
  for (const char* service : {"above", "same"}) {
    CAPTURE(service);
    const auto refused = fixture.client().prepare("d", failing(service), 1s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("(protect.paths in ") != std::string::npos);
  }
  CHECK(fixture.ledger_records() == 0);
  const auto allowed = fixture.client().prepare("d", failing("free"), 5s);
  INFO((allowed ? "" : allowed.error().message));
  CHECK(allowed);
}

TEST_CASE("policy: kinds, windows and the number of victims", "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  fixture.start(with_policy(fixture, "window_max = \"1s\"\nvictims_max = 3\nkinds_forbidden = [\"process.kill\"]\n"));
  fixture.start_sleeper();
  fixture.start_sleeper("other");
  auto client = fixture.client();
  CHECK(client.prepare("k", killing(), 1s).error().message.find("kinds_forbidden in ") != std::string::npos);
  REQUIRE(client.prepare("p", pausing(), 5s));
  CHECK(client.prepare("q", pausing({"other"}), 5s).error().message.find("4 processes at once, at most 3") !=
        std::string::npos);
  const std::int64_t now = os::boot_now_ns();
  CHECK(client.arm("p", {.start_boot_ns = now, .end_boot_ns = now + 2'000'000'000})
            .error()
            .message.find("window_max in ") != std::string::npos);
  CHECK(client.arm("p", {.start_boot_ns = now, .end_boot_ns = now + 900'000'000}));
  CHECK_FALSE(client.arm("p", {.start_boot_ns = now + 500'000'000, .end_boot_ns = now + 1'400'000'000}));
  REQUIRE(client.revert("p"));
  CHECK(client.prepare("q", pausing({"other"}), 5s));
}

TEST_CASE("policy: the freeze file ends what runs, refuses what is new, and is gone when it is gone",
          "[kernel][agent]") {
  REQUIRE_AGENT();
  AgentFixture fixture;
  const auto by_policy = fixture.folder() / "stop";
  fixture.start(with_policy(fixture, "freeze_file = \"" + by_policy.string() + "\"\n"));
  fixture.start_sleeper();
  const auto cgroup = fixture.service_cgroup("sleeper");
  for (const auto& file : {fixture.state().freeze(), by_policy}) {
    fixture.inject("pause", pausing(), 60s, 60s);
    fixture.inject("cut", partition(), 60s, 60s);
    REQUIRE(eventually(500ms, [&] { return cgroup.frozen(); }));
    CHECK(fixture.ledger_records() == 2);
    touch(file);
    CHECK(eventually(1s, [&] { return !cgroup.frozen() && fixture.ledger_records() == 0; }));
    for (const auto& injection : {pausing(), partition()}) {
      const auto refused = fixture.client().prepare("new", injection, 1s);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().message.find("faults are frozen on this host while " + file.string() +
                                         " exists (freeze_file in ") != std::string::npos);
    }
    std::filesystem::remove(file);
    CHECK(fixture.client().prepare("new", pausing(), 1s));
    REQUIRE(fixture.client().revert("new"));
  }
}

TEST_CASE("policy: a bad file is one line with its place, and the agent does not start", "[kernel][agent]") {
  REQUIRE_AGENT();
  const AgentFixture fixture;
  const auto path = with_policy(fixture, "[protect]\nprocess = [\"sshd\"]\n").back();
  CHECK(exit_of_bad_agent(fixture, path) == 6);
  CHECK(fixture.log().starts_with(path + ":2:1: unknown key \"process\""));
  std::filesystem::permissions(path, std::filesystem::perms(0666));
  std::filesystem::remove(fixture.folder() / "agent.log");
  CHECK(exit_of_bad_agent(fixture, path) == 6);
  CHECK(fixture.log() == path + " must be writable by root alone, its mode is 0666\n");
}
