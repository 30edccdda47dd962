#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "agent/disk/disk_mount.h"
#include "agent/fingerprint.h"
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
  fault.set_files("f");  // a pattern is what the disk server alone serves
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

TEST_CASE("fingerprint: a mount that was left behind shows, and only to the agent it belongs to", "[kernel][agent]") {
  FRACAS_NEEDS_AGENT_AND_FUSE();
  AgentFixture host;
  const fs::path folder = host.folder() / "data";
  fs::create_directory(folder);
  const fs::path other = host.folder() / "other state";
  const auto before = agent::take_fingerprint("", host.state().root());
  const auto before_other = agent::take_fingerprint("", other);
  REQUIRE(before);
  const auto control = agent::DiskControlMemory::create({.error = EIO});
  REQUIRE(control);
  auto server = agent::mount_disk(folder, *control, agent::disk_owner(host.state().root()));
  REQUIRE(server);
  const auto left = agent::compare_fingerprints(*before, agent::take_fingerprint("", host.state().root()).value());
  CHECK(std::count(left.begin(), left.end(), "new: disk mount " + folder.string()) == 1);
  const auto unseen = agent::compare_fingerprints(*before_other, agent::take_fingerprint("", other).value());
  CHECK(std::count(unseen.begin(), unseen.end(), "new: disk mount " + folder.string()) == 0);
  REQUIRE(agent::unmount_disk(folder, os::ProcessIdentity::of(server->pid()).value()));
  CHECK(server->wait_for(2s));
}

TEST_CASE("disk.corrupt: the service reads wrong bits, and the right ones afterwards", "[kernel][agent]") {
  FRACAS_NEEDS_AGENT_AND_FUSE();
  AgentFixture host;
  host.start();
  const fs::path folder = host.folder() / "data";
  fs::create_directory(folder);
  std::ofstream(folder / "right") << std::string(5'000, 'a');
  REQUIRE(host.client().start_service(
      {.name = "writer",
       .argv = {"/bin/sh", "-c", "while :; do tr -d a < right >> ../wrong; sleep 0.02; done"},
       .working_directory = folder.string(),
       .output = (host.folder() / "writer.log").string()}));
  model::Injection injection = on_services({"writer"});
  model::DiskCorrupt& fault = *injection.mutable_disk_corrupt();
  fault.set_files("right");
  fault.set_share(1);
  host.inject("f1", injection, 1s, 10s);
  REQUIRE(eventually(
      3s, [&] { return fs::exists(host.folder() / "wrong") && fs::file_size(host.folder() / "wrong") > 0; }));
  const auto ended = host.client().revert("f1");
  REQUIRE(ended);
  CHECK(ended->counters.affected > 0);
  CHECK_FALSE(agent::is_disk_mount(folder));
  CHECK(os::read_file(folder / "right").value() == std::string(5'000, 'a'));
}

TEST_CASE("disk.throttle: the service is slow until its end", "[kernel][agent]") {
  FRACAS_NEEDS_AGENT_AND_FUSE();
  AgentFixture host;
  host.start();
  start_writer(host);
  model::Injection injection = on_services({"writer"});
  model::DiskThrottle& fault = *injection.mutable_disk_throttle();
  fault.set_files("*");
  fault.set_call_rate(5);
  host.inject("f1", injection, 1500ms, 10s);
  REQUIRE(eventually(5s, [&] { return host.ledger_records() == 0; }));
  const auto ended = host.client().revert("f1");
  REQUIRE(ended);
  CHECK(ended->counters.affected >= 3);
  CHECK(ended->counters.matched <= 12);
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
