#include "agent/disk/file_gate.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <thread>

#include "agent/disk/disk_mount.h"
#include "tests/kernel/agent_fixture.h"
#include "tests/kernel/sockets_dialer.h"

namespace fracas::test {
namespace {

namespace fs = std::filesystem;
using agent::DiskOperation;

#define FRACAS_NEEDS_FILE_GATE()                                                                 \
  if (::geteuid() != 0) FRACAS_SKIP("no rights to load BPF programs");                           \
  if (auto works = agent::probe_file_gate(); !works) FRACAS_SKIP(works.error().message.c_str()); \
  static_cast<void>(0)

// The errno of a call that answers -1, else 0.
int error_of(long answer) {
  return answer < 0 ? errno : 0;
}

// A folder with a file that is open since before the gate, one beside it, and a cgroup for the victim.
struct Scene {
  Scene() {
    std::string name = (fs::temp_directory_path() / "fracas-gate-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    fs::create_directories(root / "data/sub");
    fs::create_directory(root / "other");
    for (const char* file : {"data/f", "data/old", "data/sub/g", "other/f"}) std::ofstream(root / file) << "right";
    opened.reset(::open((root / "data/f").c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(opened);
  }
  ~Scene() { fs::remove_all(root); }

  // What a call answers to a process of the cgroup.
  int as_victim(const std::function<int()>& call) const {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(std::ofstream(cgroup.path() / "cgroup.procs") << "0" << std::flush ? call() : 255);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
  }
  int read_opened() const {
    char byte = 0;
    return error_of(::pread(opened.get(), &byte, 1, 0));
  }
  int write_opened() const { return error_of(::pwrite(opened.get(), "r", 1, 0)); }
  int open_file(const char* name, int flags = O_RDONLY) const {
    return error_of(::open((root / name).c_str(), flags | O_CLOEXEC, 0644));
  }

  std::unique_ptr<agent::KeptEffect> gate(agent::DiskRule rule) const {
    auto effect = agent::make_file_gate(rule, root / "data", cgroup.path());
    INFO((effect ? std::string() : effect.error().message));
    REQUIRE(effect);
    (*effect)->renew(kForever);
    return std::move(*effect);
  }

  fs::path root;
  TestCgroup cgroup{"gate"};
  os::UniqueFd opened;
};

agent::DiskRule failing(std::vector<DiskOperation> operations) {
  return {.operations = std::move(operations), .seed = 7, .error = EIO};
}

#define FRACAS_NEEDS_AGENT_AND_GATE()                             \
  if (!can_run_agent()) FRACAS_SKIP("no rights to run an agent"); \
  FRACAS_NEEDS_FILE_GATE()

// Whether it becomes longer; a file that is not there is empty.
bool grows(const fs::path& file) {
  const auto size = [&file] {
    std::error_code missing;
    const auto bytes = fs::file_size(file, missing);
    return missing ? 0 : bytes;
  };
  const auto had = size();
  return eventually(5s, [&] { return size() > had; });
}

// A service that writes to a file of its folder "data", which it opens once, and notes each failure outside of it.
pid_t start_writer(const AgentFixture& host) {
  const fs::path folder = host.folder() / "data";
  fs::create_directory(folder);
  const auto pid = host.client().start_service(
      {.name = "writer",
       .argv = {"/bin/sh", "-c", "exec 3>>f; while :; do echo x >&3 || echo failed >> ../failures; sleep 0.02; done"},
       .working_directory = folder.string(),
       .output = (host.folder() / "writer.log").string()});
  INFO((pid ? "" : pid.error().message) << "\n" << host.log());
  REQUIRE(pid);
  REQUIRE(grows(folder / "f"));
  return *pid;
}

model::Injection failing_writes() {
  model::Injection injection = on_services({"writer"});
  model::DiskError& fault = *injection.mutable_disk_error();
  fault.add_calls(model::DISK_CALL_WRITE);
  fault.set_files("*");
  fault.set_share(1);
  return injection;
}

}  // namespace

TEST_CASE("file gate: reads and writes of files that are open already fail inside window and lease",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_FILE_GATE();
  const Scene scene;
  const auto read = [&scene] { return scene.read_opened(); };
  const auto write = [&scene] { return scene.write_opened(); };
  const auto gate = scene.gate(failing({DiskOperation::read, DiskOperation::write}));
  CHECK(gate->mechanism() == "bpf-lsm");
  CHECK(scene.as_victim(read) == 0);
  REQUIRE(gate->arm({os::boot_now_ns() + 3'600'000'000'000, kForever}));
  CHECK(scene.as_victim(write) == 0);
  CHECK(gate->counters().matched == 0);

  REQUIRE(gate->arm({os::boot_now_ns(), kForever}));
  CHECK(scene.as_victim(read) == EIO);
  CHECK(scene.as_victim(write) == EIO);
  CHECK(scene.as_victim([&scene] { return error_of(::ftruncate(scene.opened.get(), 1)); }) == EIO);
  CHECK(scene.as_victim([&scene] { return error_of(::truncate((scene.root / "data/f").c_str(), 1)); }) == EIO);
  CHECK(scene.as_victim([&scene] { return scene.open_file("data/f"); }) == 0);
  CHECK(scene.read_opened() == 0);  // not the victim
  CHECK(fs::file_size(scene.root / "data/f") == 5);
  const auto counters = gate->counters();
  CHECK(counters.matched == 4);
  CHECK(counters.affected == 4);
  CHECK(counters.first_ns < counters.last_ns);

  gate->renew(os::boot_now_ns());
  CHECK(scene.as_victim(read) == 0);
  gate->renew(kForever);
  CHECK(scene.as_victim(read) == EIO);
  REQUIRE(gate->arm({os::boot_now_ns() - 1'000'000, os::boot_now_ns()}));
  CHECK(scene.as_victim(read) == 0);
  REQUIRE(gate->revert());
  CHECK(scene.as_victim(write) == 0);
}

TEST_CASE("file gate: opens, new files and renames fail below the folder alone", "[kernel][agent][vm]") {
  FRACAS_NEEDS_FILE_GATE();
  const Scene scene;
  const auto gate = scene.gate(failing({DiskOperation::open, DiskOperation::rename}));
  REQUIRE(gate->arm({os::boot_now_ns(), kForever}));
  const auto opens = [&scene](const char* name, int flags = O_RDONLY) {
    return scene.as_victim([&] { return scene.open_file(name, flags); });
  };
  CHECK(opens("data/f") == EIO);
  CHECK(opens("data/sub/g") == EIO);
  CHECK(opens("data/new", O_RDWR | O_CREAT) == EIO);
  CHECK_FALSE(fs::exists(scene.root / "data/new"));
  CHECK(scene.as_victim([&scene] { return error_of(::mkdir((scene.root / "data/folder").c_str(), 0755)); }) == EIO);
  CHECK(scene.as_victim([&scene] {
    return error_of(::rename((scene.root / "data/old").c_str(), (scene.root / "data/young").c_str()));
  }) == EIO);
  CHECK(fs::exists(scene.root / "data/old"));
  CHECK(gate->counters().affected == 5);
  CHECK(opens("data", O_RDONLY | O_DIRECTORY) == 0);
  CHECK(opens("other/f") == 0);
  CHECK(opens("other/new", O_RDWR | O_CREAT) == 0);
  CHECK(scene.as_victim([&scene] { return scene.read_opened(); }) == 0);
  CHECK(gate->counters().matched == 5);
}

TEST_CASE("file gate: a share of the calls fails, each is judged once", "[kernel][agent][vm]") {
  FRACAS_NEEDS_FILE_GATE();
  const Scene scene;
  agent::DiskRule rule = failing({DiskOperation::open, DiskOperation::read});
  rule.share = 0.25;
  const auto gate = scene.gate(rule);
  REQUIRE(gate->arm({os::boot_now_ns(), kForever}));
  const int failed = scene.as_victim([&scene] {
    int count = 0;
    for (int i = 0; i < 200; ++i) count += scene.read_opened() == EIO ? 1 : 0;
    return count;
  });
  const auto reads = gate->counters();
  CHECK(reads.matched == 200);
  CHECK(reads.affected == static_cast<std::uint64_t>(failed));
  CHECK((failed > 20 && failed < 85));  // 50 are expected, five standard deviations are 31
  CHECK(scene.as_victim([&scene] {
    for (int i = 0; i < 50; ++i) scene.open_file(("data/new" + std::to_string(i)).c_str(), O_RDWR | O_CREAT | O_EXCL);
    return 0;
  }) == 0);
  CHECK(gate->counters().matched == 250);
}

TEST_CASE("disk.error: by LSM programs a service meets it on an open file and is not restarted",
          "[kernel][agent][vm]") {
  FRACAS_NEEDS_AGENT_AND_GATE();
  AgentFixture host;
  host.start();
  const pid_t writer = start_writer(host);
  host.inject("f1", failing_writes(), 1h, 60s);
  REQUIRE(grows(host.folder() / "failures"));
  CHECK_FALSE(agent::is_disk_mount(host.folder() / "data"));
  const auto reverted = host.client().revert("f1");
  REQUIRE(reverted);
  CHECK(reverted->counters.affected > 0);
  CHECK(grows(host.folder() / "data/f"));
  CHECK(::kill(writer, 0) == 0);
}

TEST_CASE("disk.error: LSM programs outlive a killed agent and end with its lease", "[kernel][agent][vm]") {
  FRACAS_NEEDS_AGENT_AND_GATE();
  AgentFixture host;
  host.start();
  const pid_t writer = start_writer(host);
  {
    // Renewed as a controller does, because loading the programs may take longer than the lease.
    const std::jthread renewer([&host](const std::stop_token& stop) {
      auto client = host.client();
      for (; !stop.stop_requested(); os::sleep_until_boot_ns(os::boot_now_ns() + 200'000'000))
        static_cast<void>(client.renew(4s));
    });
    host.inject("f1", failing_writes(), 1h, 4s);
    REQUIRE(grows(host.folder() / "failures"));
  }
  REQUIRE(host.agent().signal(SIGKILL));
  CHECK(eventually(15s, [&] { return host.ledger_records() == 0; }));
  CHECK(grows(host.folder() / "data/f"));
  CHECK(::kill(writer, 0) == 0);
}

}  // namespace fracas::test
