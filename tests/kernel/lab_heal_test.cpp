#include <fcntl.h>
#include <poll.h>

#include <csignal>
#include <cstring>

#include "controller/world/agent_client.h"
#include "controller/world/lab.h"
#include "controller/world/lab_heal.h"
#include "controller/world/lab_lock.h"
#include "controller/world/lab_network.h"
#include "lib/model/agent.pb.h"
#include "lib/os/cgroup.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"
#include "lib/os/process.h"
#include "tests/kernel/lab_fixture.h"

using namespace fracas;
using namespace fracas::controller;
using fracas::tests::LabFolder;

namespace {

constexpr const char* kReportVariable = "FRACAS_TEST_REPORT_FD";
constexpr std::size_t kIdSize = 8;

// A process of its own that makes a lab with running nodes, one of them frozen, and then does nothing.
struct Owner {
  os::Process process;
  std::string lab_id;
};

// Descriptor number of where it says the lab's id, or -1 for nowhere.
os::Process launch_owner(const LabFolder& folder, int report) {
  std::filesystem::create_directories(folder.run_directory());
  REQUIRE(::setenv(kReportVariable, std::to_string(report).c_str(), 1) == 0);
  REQUIRE(::setenv("FRACAS_STATE", folder.state().c_str(), 1) == 0);
  os::LaunchOptions launch;
  launch.argv = {"/proc/self/exe", "[lab-owner]"};
  launch.working_directory = folder.run_directory();
  launch.output = folder.run_directory() / "owner.log";
  if (report >= 0) launch.keep_fds = {report};
  auto process = os::Process::launch(launch);
  ::unsetenv("FRACAS_STATE");
  ::unsetenv(kReportVariable);
  INFO((process ? std::string() : process.error().message));
  REQUIRE(process);
  return *std::move(process);
}

Owner start_owner(const LabFolder& folder) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const os::UniqueFd read_end(ends[0]);
  os::UniqueFd write_end(ends[1]);
  os::Process process = launch_owner(folder, write_end.get());
  write_end.reset();
  std::string id(kIdSize, '\0');
  pollfd waiting{.fd = read_end.get(), .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&waiting, 1, 20'000) == 1);
  INFO(os::read_file(folder.run_directory() / "owner.log").value_or(""));
  REQUIRE(::read(read_end.get(), id.data(), id.size()) == static_cast<ssize_t>(id.size()));
  return {std::move(process), id};
}

LabHealing heal(const LabFolder& folder, bool all = false) {
  return heal_labs({.state = folder.state(), .agent_program = tests::agent_program(), .all = all});
}

// Lines about one lab; other labs of this machine are none of a test's business.
std::string about(const std::vector<std::string>& lines, const std::string& id) {
  std::string found;
  for (const std::string& line : lines)
    if (line.starts_with("lab " + id)) found += line + "\n";
  return found;
}

// Namespaces of a lab's processes, looked up while they live.
std::vector<unsigned long> namespaces_of(const std::string& id) {
  std::vector<unsigned long> inodes;
  const auto processes = os::Cgroup::open("fracas/lab-" + id).value().processes();
  REQUIRE(processes);
  for (const pid_t pid : *processes)
    if (const auto netns = os::NetNamespace::of_process(pid)) inodes.push_back(netns->inode().value());
  return inodes;
}

void check_gone(const LabFolder& folder, const std::string& id, const std::vector<unsigned long>& namespaces) {
  CHECK_FALSE(tests::lab_cgroup_exists(id));
  CHECK(folder.records().empty());
  CHECK(namespace_members(namespaces).empty());
}

}  // namespace

// Not a test: the process that start_owner() starts.
TEST_CASE("lab owner: makes a lab and waits to be killed", "[.][lab-owner]") {
  const char* report = std::getenv(kReportVariable);
  REQUIRE(report != nullptr);
  auto lab = Lab::create({.nodes = 3,
                          .spares = 0,
                          .run_directory = std::filesystem::current_path(),
                          .agent_program = tests::agent_program()});
  INFO((lab ? std::string() : lab.error().message));
  REQUIRE(lab);
  for (const Host& host : (*lab)->hosts()) REQUIRE((*lab)->start_node(host, {"/bin/sleep", "600"}));
  model::Injection pause;
  pause.mutable_scope()->add_services("node");
  pause.mutable_process_pause();
  REQUIRE((*lab)->agent("n2").prepare("pause#1", pause, std::chrono::seconds(60)));
  const auto hello = (*lab)->agent("n2").hello();
  REQUIRE(hello);
  REQUIRE((*lab)->agent("n2").arm("pause#1",
                                  {.start_boot_ns = hello->boot_ns, .end_boot_ns = hello->boot_ns + 60'000'000'000}));
  const int where = std::atoi(report);
  if (where >= 0) REQUIRE(::write(where, (*lab)->id().data(), kIdSize) == static_cast<ssize_t>(kIdSize));
  for (;;) ::pause();
}

TEST_CASE("lab heal: a lab whose owner was killed is removed completely, a paused node included", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  Owner owner = start_owner(folder);
  const auto namespaces = namespaces_of(owner.lab_id);
  REQUIRE(owner.process.signal(SIGKILL));
  REQUIRE(owner.process.wait_for(std::chrono::seconds(5)));
  const LabHealing healing = heal(folder);
  INFO(tests::joined(healing.removed));
  CHECK(about(healing.remaining, owner.lab_id) == "");
  CHECK(about(healing.removed, owner.lab_id).find("cgroup fracas/lab-" + owner.lab_id) != std::string::npos);
  CHECK(about(healing.removed, owner.lab_id).find("not reverted") == std::string::npos);
  check_gone(folder, owner.lab_id, namespaces);
  CHECK(about(heal(folder).removed, owner.lab_id) == "");
}

TEST_CASE("lab heal: so it is when the agents were killed with it", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  Owner owner = start_owner(folder);
  const auto namespaces = namespaces_of(owner.lab_id);
  for (const char* host : {"n1", "n2", "n3"}) REQUIRE(empty_cgroup("fracas/lab-" + owner.lab_id + "/agent-" + host));
  REQUIRE(owner.process.signal(SIGKILL));
  REQUIRE(owner.process.wait_for(std::chrono::seconds(5)));
  const LabHealing healing = heal(folder);
  INFO(tests::joined(healing.removed));
  CHECK(about(healing.remaining, owner.lab_id) == "");
  CHECK(about(healing.removed, owner.lab_id).find("not reverted") == std::string::npos);
  check_gone(folder, owner.lab_id, namespaces);
}

TEST_CASE("lab heal: whenever the owner is killed while it makes its lab, what it made so far is removed",
          "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  for (int delay_ms = 0; delay_ms < 400; delay_ms += 25) {
    INFO("killed after " << delay_ms << " ms");
    os::Process owner = launch_owner(folder, -1);
    static_cast<void>(owner.wait_for(std::chrono::milliseconds(delay_ms)));
    REQUIRE(owner.signal(SIGKILL));
    REQUIRE(owner.wait_for(std::chrono::seconds(5)));
    const LabHealing healing = heal(folder);
    CHECK(tests::joined(healing.remaining) == "");
    CHECK(folder.records().empty());
    for (const std::string& id : lab_ids_of_cgroups()) {
      const auto left = lab_cgroup_owner("fracas/lab-" + id);
      CHECK((left && left->pid != owner.pid()));
    }
  }
}

TEST_CASE("lab heal: a lab whose owner lives is left alone, unless all are asked for", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  auto lab = Lab::create(folder.options(2));
  REQUIRE(lab);
  CHECK(about(heal(folder).removed, (*lab)->id()) == "");
  CHECK((*lab)->agent("n1").hello());
  // Asking for all would reach every lab of this machine, so the lab is given up by its owner instead.
  const auto record = folder.state() / "labs" / (*lab)->id() / "lab.json";
  std::string text = os::read_file(record).value();
  const std::string pid = "\"pid\": " + std::to_string(::getpid());
  text.replace(text.find(pid), pid.size(), "\"pid\": 4194304");
  REQUIRE(os::write_file_durably(record, text));
  const LabHealing healing = heal(folder);
  CHECK(about(healing.remaining, (*lab)->id()) == "");
  CHECK(about(healing.removed, (*lab)->id()).find("folder ") != std::string::npos);
  CHECK_FALSE((*lab)->agent("n1").hello(1));
  CHECK(tests::joined((*lab)->tear_down()) == "");
}

TEST_CASE("lab heal: a lab that is being made or removed is left to whoever is at it", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  std::filesystem::create_directories(folder.state() / "labs/0123abcd");
  auto lock = LabLock::try_take(folder.state(), "0123abcd");
  REQUIRE((lock && *lock));
  const LabHealing healing = heal(folder);
  CHECK(about(healing.removed, "0123abcd") == "");
  CHECK(about(healing.remaining, "0123abcd") == "");
  CHECK(std::filesystem::exists(folder.state() / "labs/0123abcd"));
  lock->reset();
  CHECK(about(heal(folder).removed, "0123abcd").find("folder ") != std::string::npos);
  CHECK(folder.records().empty());
}

TEST_CASE("lab heal: a torn record does not keep what it was about", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  const std::string id = "0000f00d";
  std::filesystem::create_directories(folder.state() / "labs" / id);
  REQUIRE(os::write_file_durably(folder.state() / "labs" / id / "lab.json", "{\"version\": 1, \"id\": \"0000"));
  REQUIRE(make_lab_cgroup("fracas/lab-" + id, {.pid = 4194304, .start_ticks = 1}));
  REQUIRE(os::Cgroup::create("fracas/lab-" + id + "/n1"));
  const LabHealing healing = heal(folder);
  CHECK(about(healing.remaining, id) == "");
  check_gone(folder, id, {});
}

TEST_CASE("lab heal: a cgroup without a record goes when its owner is gone, and only then", "[kernel][lab]") {
  FRACAS_NEEDS_LAB();
  const LabFolder folder;
  REQUIRE(make_lab_cgroup("fracas/lab-0000dead", {.pid = 4194304, .start_ticks = 1}));
  REQUIRE(make_lab_cgroup("fracas/lab-0000a11e", os::ProcessIdentity::of(::getpid()).value()));
  const LabHealing healing = heal(folder);
  CHECK(about(healing.removed, "0000dead") == "lab 0000dead: cgroup fracas/lab-0000dead\n");
  CHECK(about(healing.removed, "0000a11e") == "");
  CHECK(tests::lab_cgroup_exists("0000a11e"));
  REQUIRE(remove_cgroup("fracas/lab-0000a11e"));
}
