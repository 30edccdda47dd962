#include "lib/os/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "lib/os/clock.h"
#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

TEST_CASE("launcher: exit codes and signals come back", "[kernel][os]") {
  auto exits = os::Process::launch(
      {.argv = {"/bin/sh", "-c", "exit 7"}, .working_directory = {}, .output = {}, .cgroup = {}, .keep_fds = {}});
  REQUIRE(exits);
  CHECK(exits->wait_for(5s)->code == 7);
  auto dies = os::Process::launch(
      {.argv = {"/bin/sh", "-c", "kill -9 $$"}, .working_directory = {}, .output = {}, .cgroup = {}, .keep_fds = {}});
  REQUIRE(dies);
  CHECK(dies->wait_for(5s)->signal == SIGKILL);
}

TEST_CASE("launcher: every step's errno comes back and no zombie stays", "[kernel][os]") {
  os::LaunchOptions missing;
  missing.argv = {"/nonexistent/program"};
  const auto not_there = os::Process::launch(missing);
  REQUIRE_FALSE(not_there);
  CHECK(not_there.error().code == ENOENT);
  os::LaunchOptions folder;
  folder.argv = {"/bin/true"};
  folder.working_directory = "/nonexistent";
  const auto no_folder = os::Process::launch(folder);
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().message.find("working directory") != std::string::npos);
}

TEST_CASE("launcher: a child inherits what it is given and nothing else", "[kernel][os]") {
  const int given = ::open("/dev/null", O_RDONLY);
  const int kept_back = ::open("/dev/null", O_RDONLY);
  os::LaunchOptions launch;
  launch.argv = {
      "/bin/sh", "-c",
      "test -e /proc/$$/fd/" + std::to_string(given) + " && test ! -e /proc/$$/fd/" + std::to_string(kept_back)};
  launch.keep_fds = {given};
  auto child = os::Process::launch(launch);
  ::close(given);
  ::close(kept_back);
  REQUIRE(child);
  CHECK(child->wait_for(5s)->code == 0);
}

TEST_CASE("launcher: a child starts in its namespace and its cgroup, and the cgroup freezes, thaws and ends it",
          "[kernel][os]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces");
  const auto netns = os::NetNamespace::create();
  const auto cgroup = os::Cgroup::create("fracas-test-launcher-" + std::to_string(::getpid()));
  REQUIRE(netns);
  REQUIRE(cgroup);
  os::LaunchOptions launch;
  launch.argv = {"/bin/sleep", "1000"};
  launch.network_namespace = netns->fd();
  launch.cgroup = cgroup->path();
  auto child = os::Process::launch(launch);
  REQUIRE(child);
  CHECK(cgroup->processes().value() == std::vector<pid_t>{child->pid()});
  CHECK(os::NetNamespace::of_process(child->pid())->inode().value() == netns->inode().value());
  CHECK(cgroup->freeze(true));
  CHECK(cgroup->frozen());
  CHECK(cgroup->freeze(false));
  CHECK_FALSE(cgroup->frozen());
  CHECK(cgroup->freeze(true));
  CHECK(cgroup->kill_all());
  CHECK(child->wait_for(5s)->signal == SIGKILL);
  CHECK(cgroup->freeze(false));
  // A cgroup that was killed once takes new processes.
  auto next = os::Process::launch(launch);
  REQUIRE(next);
  CHECK_FALSE(next->wait_for(100ms));
  CHECK(cgroup->kill_all());
  CHECK(next->wait_for(5s));
  CHECK(cgroup->remove());
  CHECK(cgroup->remove());
}

TEST_CASE("process identity: a zombie counts as gone, a living process does not", "[kernel][os]") {
  os::LaunchOptions launch;
  launch.argv = {"/bin/sleep", "1000"};
  auto child = os::Process::launch(launch);
  REQUIRE(child);
  const auto identity = os::ProcessIdentity::of(child->pid());
  REQUIRE(identity);
  CHECK(identity->alive());
  CHECK_FALSE(os::ProcessIdentity{.pid = identity->pid, .start_ticks = identity->start_ticks + 1}.alive());
  REQUIRE(child->signal(SIGKILL));
  CHECK(eventually(5s, [&] { return !identity->alive(); }));
  CHECK(child->wait_for(5s));
}
