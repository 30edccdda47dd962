#include "lib/model/process_selector.h"

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/catch/catch.h"

using namespace fracas;
using namespace fracas::model;

namespace {

const std::string kHead = "name = \"t\"\nduration_max = \"2m\"\n[workload]\nkind = \"register\"\n";

Result<ExperimentFile> in_lab(const std::string& keys) {
  return read_experiment_text(kHead + "[target]\nkind = \"raft\"\n[[fault]]\n" + keys, "t.toml");
}

Result<ExperimentFile> on_fleet(const std::string& keys) {
  return read_experiment_text(kHead +
                                  "[world]\nkind = \"fleet\"\n[[world.host]]\nname = \"db1\"\naddress = "
                                  "\"10.0.0.1:7600\"\n[[world.host]]\nname = \"db2\"\naddress = \"10.0.0.2:7600\"\n"
                                  "[[world.host]]\nname = \"db3\"\naddress = \"10.0.0.3:7600\"\n"
                                  "[target]\nkind = \"external\"\noptions = { adapter = [\"./a\"] }\n[[fault]]\n" +
                                  keys,
                              "t.toml");
}

std::string complaint(const Result<ExperimentFile>& file) {
  return file ? "" : file.error().message;
}

bool says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("process selector: it stands in the fault's table, by one key", "[unit][model]") {
  const auto file = in_lab("kind = \"process.kill\"\non = \"n1\"\nprocesses = { name = \"etcd*\" }\n");
  INFO(complaint(file));
  REQUIRE(file);
  const FaultSpec& fault = file->experiment().fault(0);
  REQUIRE(processes_of(fault) != nullptr);
  CHECK(processes_of(fault)->name() == "etcd*");
  CHECK(describe_selector(*processes_of(fault)) == "processes named etcd*");
  CHECK_FALSE(acts_on_target(fault));
  CHECK(may_choose_processes(fault));
}

TEST_CASE("process selector: written and read again it is the same", "[unit][model]") {
  for (const char* keys :
       {"kind = \"process.kill\"\nprocesses = { name = \"etcd*\" }\n",
        "kind = \"process.pause\"\nprocesses = { pid = 77 }\n",
        "kind = \"syscall.delay\"\ncalls = [\"read\"]\ndelay = \"1ms\"\nprocesses = { listen = 2379 }\n",
        "kind = \"net.delay\"\ndelay = \"1ms\"\nsenders = { cgroup = \"a/b\" }\n",
        "kind = \"disk.throttle\"\ncall_rate = \"10/s\"\n"}) {
    CAPTURE(keys);
    const auto file = in_lab("on = \"n1\"\n" + std::string(keys));
    INFO(complaint(file));
    REQUIRE(file);
    const std::string written = to_toml(file->experiment());
    CAPTURE(written);
    const auto again = read_experiment_text(written, "again.toml");
    INFO(complaint(again));
    REQUIRE(again);
    CHECK(again->experiment().SerializeAsString() == file->experiment().SerializeAsString());
  }
}

TEST_CASE("process selector: without it a fault acts on the target, unless it acts on packets", "[unit][model]") {
  const auto acts = [](const std::string& keys) {
    const auto file = in_lab(keys);
    INFO(complaint(file));
    REQUIRE(file);
    return acts_on_target(file->experiment().fault(0));
  };
  CHECK(acts("kind = \"process.kill\"\non = \"n1\"\n"));
  CHECK(acts("kind = \"disk.error\"\non = \"n1\"\n"));
  CHECK(acts("kind = \"net.connect\"\non = \"n1\"\n"));
  CHECK(acts("kind = \"net.dns\"\non = \"n1\"\nnames = [\"*\"]\n"));
  CHECK(acts("kind = \"net.delay\"\non = \"n1\"\ndelay = \"1ms\"\ntarget_only = true\n"));
  CHECK_FALSE(acts("kind = \"net.delay\"\non = \"n1\"\ndelay = \"1ms\"\n"));
  CHECK_FALSE(acts("kind = \"net.delay\"\non = \"n1\"\ndelay = \"1ms\"\nsenders = { cgroup = \"a/b\" }\n"));
  CHECK_FALSE(acts("kind = \"net.dns\"\non = \"n1\"\nnames = [\"*\"]\nwhole_host = true\n"));
}

TEST_CASE("process selector: what chooses nothing, or everything, is refused in its place", "[unit][model]") {
  const auto [key, words] = GENERATE(table<std::string, std::string>({
      {"processes = {}", "exactly one of"},
      {"processes = { name = \"a\", listen = 80 }", "exactly one of"},
      {"processes = { name = \"*\" }", "everything"},
      {"processes = { name = \"a/b\" }", "name"},
      {"processes = { cgroup = \"*/*\" }", "everything"},
      {"processes = { container = \"3f\" }", "container"},
      {"processes = { listen = 0 }", "listen"},
      {"processes = { listen = 65536 }", "listen"},
      {"processes = { pid = 1 }", "pid"},
      {"processes = { nome = \"a\" }", "did you mean \"name\""},
      {"processes = \"etcd\"", "must be a table"},
  }));
  const std::string complained = complaint(in_lab("kind = \"process.pause\"\non = \"n1\"\n" + key + "\n"));
  CAPTURE(key, complained);
  CHECK(says(complained, "t.toml:10:"));
  CHECK(says(complained, words));
}

TEST_CASE("process selector: what cannot be done to chosen processes is refused", "[unit][model]") {
  const auto [keys, words] = GENERATE(table<std::string, std::string>({
      {"kind = \"process.kill\"\nprocesses = { name = \"a\" }\nrestart_after = \"1s\"\n", "not started again"},
      {"kind = \"process.crash-point\"\nprocesses = { name = \"a\" }\nrestart_after = \"1s\"\n", "not started again"},
      {"kind = \"disk.error\"\nprocesses = { name = \"a\" }\n", "unknown key"},
      {"kind = \"net.delay\"\ndelay = \"1ms\"\nsenders = { listen = 80 }\n", "by cgroup or container"},
      {"kind = \"net.delay\"\ndelay = \"1ms\"\nsenders = { cgroup = \"a\" }\ntarget_only = true\n", "those of others"},
      {"kind = \"net.loss\"\nloss = \"1%\"\nsenders = { cgroup = \"a\" }\n", "direction = \"out\""},
      {"kind = \"net.reset\"\nsenders = { cgroup = \"a\" }\n", "the whole host"},
      {"kind = \"net.dns\"\nnames = [\"*\"]\nwhole_host = true\nsenders = { cgroup = \"a\" }\n", "those of some"},
  }));
  const std::string complained = complaint(in_lab("on = \"n1\"\n" + keys));
  CAPTURE(keys, complained);
  CHECK(says(complained, words));
}

TEST_CASE("process selector: on a fleet a fault of processes needs it, and says so", "[unit][model]") {
  const auto [keys, words] = GENERATE(table<std::string, std::string>({
      {"kind = \"process.kill\"\n", "processes = { name ="},
      {"kind = \"clock.skew\"\noffset = \"1s\"\n", "processes = { name ="},
      {"kind = \"disk.error\"\n", "disk.error acts only on what fracas has started"},
      {"kind = \"process.restart\"\n", "process.restart acts only on what fracas has started"},
      {"kind = \"net.connect\"\n", "senders = { cgroup ="},
      {"kind = \"net.dns\"\nnames = [\"*\"]\n", "whole_host = true"},
      {"kind = \"net.delay\"\ndelay = \"1ms\"\ntarget_only = true\n", "senders = { cgroup ="},
  }));
  const std::string complained = complaint(on_fleet("on = \"db1\"\n" + keys));
  CAPTURE(keys, complained);
  CHECK(says(complained, "the agents of a fleet do not know which processes are the target's"));
  CHECK(says(complained, words));
}

TEST_CASE("process selector: with it, on packets, or on the machine's clock a fleet's fault is right",
          "[unit][model]") {
  for (const char* keys : {"kind = \"process.kill\"\nprocesses = { name = \"etcd\" }\n",
                           "kind = \"process.pause\"\nprocesses = { container = \"3f2a9c81\" }\n",
                           "kind = \"clock.skew\"\noffset = \"1s\"\nprocesses = { listen = 2379 }\n",
                           "kind = \"clock.skew\"\noffset = \"1s\"\nsystem = true\n",
                           "kind = \"syscall.delay\"\ncalls = [\"read\"]\ndelay = \"1ms\"\nprocesses = { pid = 77 }\n",
                           "kind = \"net.connect\"\nsenders = { container = \"3f2a9c81\" }\n",
                           "kind = \"net.delay\"\ndelay = \"1ms\"\n"}) {
    CAPTURE(keys);
    CHECK(complaint(on_fleet("on = \"db1\"\n" + std::string(keys))).empty());
  }
}
