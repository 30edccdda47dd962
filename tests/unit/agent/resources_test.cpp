#include "agent/resources/controller_group.h"
#include "agent/resources/undo_step.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::agent;

TEST_CASE("controller mounts: a version 1 hierarchy is found by its own name alone", "[unit][agent]") {
  const std::string mounts =
      "30 23 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "31 23 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
      "32 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  CHECK(find_v1_mount(mounts, "cpu")->point == "/sys/fs/cgroup/cpu,cpuacct");
  CHECK(find_v1_mount(mounts, "cpuacct")->point == "/sys/fs/cgroup/cpu,cpuacct");
  CHECK(find_v1_mount(mounts, "memory")->root == "/docker/abc");
  CHECK_FALSE(find_v1_mount(mounts, "cpuset"));
  CHECK_FALSE(find_v1_mount(mounts, "rw2"));
  CHECK_FALSE(find_v1_mount("", "cpu"));
}

TEST_CASE("controller cgroups: the path may hold colons", "[unit][agent]") {
  const std::string groups = "5:cpu,cpuacct:/a:b/c\n4:memory:/\n1:name=systemd:/x\n0::/unified\n";
  CHECK(find_v1_cgroup(groups, "cpuacct") == "/a:b/c");
  CHECK(find_v1_cgroup(groups, "memory") == "/");
  CHECK_FALSE(find_v1_cgroup(groups, "unified"));
  CHECK_FALSE(find_v1_cgroup(groups, "pids"));
}

TEST_CASE("undo steps: what is written is what is read", "[unit][agent]") {
  const std::vector<UndoStep> steps = {
      WriteBack{.file = "/sys/fs/cgroup/a/cpu.max", .content = "max 100000"},
      MoveBack{.group = "/sys/fs/cgroup/cpu/a/fracas-1", .home = "/sys/fs/cgroup/cpu/a"},
      LimitBack{.process = {.pid = 7, .start_ticks = 9}, .group = "/g", .resource = 7, .lowered = 5, .former = ~0ULL},
      EndWorkers{.control = "/state/stress/1", .group = "/g/load-1"}};
  const auto read = parse_undo_steps(to_json(steps));
  REQUIRE(read);
  CHECK(*read == steps);
  CHECK(to_json({}) == "[]");
}

TEST_CASE("undo steps: a torn or foreign text is no list of steps", "[unit][agent]") {
  for (const char* text :
       {"", "{}", "[{\"write\":\"/x\"", "[{\"write\":\"/x\"}]", "[{}]", "[{\"limit_of\":\"x\"}]", "7"})
    CHECK_FALSE(parse_undo_steps(text));
}

TEST_CASE("undo steps: what is gone needs no undoing", "[unit][agent]") {
  CHECK(undo_steps({WriteBack{.file = "/nonexistent/file", .content = "1"},
                    MoveBack{.group = "/nonexistent/group", .home = "/nonexistent"},
                    EndWorkers{.control = "/nonexistent/control", .group = {}}}));
}
