#include <fcntl.h>

#include <fstream>

#include "agent/disk/disk_mount.h"
#include "lib/model/agent.pb.h"
#include "tests/kernel/agent_fixture.h"

namespace fracas::test {
namespace {

namespace fs = std::filesystem;

#define FRACAS_NEEDS_AGENT_AND_FUSE()                                                       \
  if (!can_run_agent()) FRACAS_SKIP("no rights to run an agent");                           \
  if (auto works = agent::probe_disk(); !works) FRACAS_SKIP(works.error().message.c_str()); \
  static_cast<void>(0)

// A service that writes to a file of its folder for ever, and notes each failure outside of it.
fs::path start_writer(const AgentFixture& host) {
  const fs::path folder = host.folder() / "data";
  fs::create_directory(folder);
  const auto pid = host.client().start_service(
      {.name = "writer",
       .argv = {"/bin/sh", "-c", "while :; do echo x > f || echo failed >> ../failures; sleep 0.02; done"},
       .working_directory = folder.string(),
       .output = (host.folder() / "writer.log").string()});
  INFO((pid ? "" : pid.error().message));
  REQUIRE(pid);
  REQUIRE(eventually(2s, [&] { return fs::exists(folder / "f"); }));
  return folder;
}

model::Injection failing_opens() {
  model::Injection injection;
  injection.mutable_scope()->add_services("writer");
  model::DiskError& fault = *injection.mutable_disk_error();
  fault.set_error(model::DiskError::ERRNO_EROFS);
  fault.add_calls(model::DISK_CALL_OPEN);
  fault.set_files("*");
  fault.set_share(1);
  return injection;
}

}  // namespace

TEST_CASE("disk.error: the service meets it, and runs on the original folder afterwards", "[kernel][agent]") {
  FRACAS_NEEDS_AGENT_AND_FUSE();
  AgentFixture host;
  host.start();
  const fs::path folder = start_writer(host);
  const auto before = host.processes("writer");
  host.inject("f1", failing_opens(), 800ms, 10s);
  REQUIRE(eventually(2s, [&] { return fs::exists(host.folder() / "failures"); }));
  CHECK(agent::is_disk_mount(folder));
  REQUIRE(eventually(3s, [&] { return !agent::is_disk_mount(folder); }));
  REQUIRE(eventually(2s, [&] { return host.ledger_records() == 0; }));
  const auto ended = host.client().revert("f1");
  REQUIRE(ended);
  REQUIRE(eventually(2s, [&] { return !host.processes("writer").empty(); }));
  CHECK(host.processes("writer").front() != before.front());
  fs::remove(folder / "f");
  CHECK(eventually(2s, [&] { return fs::exists(folder / "f"); }));
}

TEST_CASE("disk.error: the guardian of a killed agent unmounts and starts the service again", "[kernel][agent]") {
  FRACAS_NEEDS_AGENT_AND_FUSE();
  AgentFixture host;
  host.start();
  const fs::path folder = start_writer(host);
  host.inject("f1", failing_opens(), 1h, 1500ms);
  REQUIRE(eventually(2s, [&] { return fs::exists(host.folder() / "failures"); }));
  REQUIRE(host.agent().signal(SIGKILL));
  REQUIRE(eventually(5s, [&] { return !agent::is_disk_mount(folder); }));
  REQUIRE(eventually(2s, [&] { return host.ledger_records() == 0; }));
  fs::remove(folder / "f");
  CHECK(eventually(2s, [&] { return fs::exists(folder / "f"); }));
}

TEST_CASE("disk.error: heal alone undoes it when agent and guardian are killed", "[kernel][agent]") {
  FRACAS_NEEDS_AGENT_AND_FUSE();
  AgentFixture host;
  host.start();
  const fs::path folder = start_writer(host);
  host.inject("f1", failing_opens(), 1h, 10s);
  REQUIRE(eventually(2s, [&] { return fs::exists(host.folder() / "failures"); }));
  const auto guardian = host.state().guardian();
  REQUIRE(guardian);
  REQUIRE(::kill(guardian->pid, SIGSTOP) == 0);
  REQUIRE(host.agent().signal(SIGKILL));
  REQUIRE(host.agent().wait_for(2s));
  REQUIRE(::kill(guardian->pid, SIGKILL) == 0);
  CHECK(agent::is_disk_mount(folder));
  const auto [code, said] = host.heal();
  INFO(said);
  CHECK(code == 0);
  CHECK_FALSE(agent::is_disk_mount(folder));
}

}  // namespace fracas::test
