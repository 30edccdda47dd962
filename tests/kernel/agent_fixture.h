#pragma once
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "agent/state_dir.h"
#include "controller/world/agent_client.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/netns.h"
#include "lib/os/process.h"
#include "tests/catch/catch.h"
#include "tests/kernel/patience.h"
#include "tests/tree/tree.h"

// A real fracas-agent in a network namespace and a cgroup of its own, for kernel tests. Whatever a test leaves is
// killed and removed at its end.
namespace fracas::test {

using namespace std::chrono_literals;

inline bool can_run_agent() {
  return ::geteuid() == 0 && os::Cgroup::mount_point() && os::NetNamespace::create();
}
inline std::string agent_program() {
  return fracas::tests::bin_dir() + "/fracas-agent";
}

// True as soon as `condition` is; false after `patience`, which is longer on an emulated processor.
template <typename Condition>
bool eventually(std::chrono::milliseconds patience, const Condition& condition) {
  const std::int64_t deadline = os::boot_now_ns() + slowness() * patience.count() * 1'000'000;
  while (!condition()) {
    if (os::boot_now_ns() >= deadline) return false;
    os::sleep_until_boot_ns(os::boot_now_ns() + 2'000'000);
  }
  return true;
}

class AgentFixture {
 public:
  explicit AgentFixture(os::NetNamespace netns = os::NetNamespace::create().value()) : netns_(std::move(netns)) {
    std::string name = (std::filesystem::temp_directory_path() / "fracas-agent-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    cgroup_ = "fracas-test-" + folder_.filename().string();
    const auto authority = controller::CertificateAuthority::create().value();
    client_ = authority.issue_client("fracas-controller").value();
    stranger_ = authority.issue_client("somebody").value();
    const auto agent = authority.issue_agent("n1").value();
    save("ca.pem", agent.ca);
    save("cert.pem", agent.certificate);
    save("key.pem", agent.key);
  }

  ~AgentFixture() {
    if (agent_) static_cast<void>(agent_->signal(SIGKILL));
    if (agent_) static_cast<void>(agent_->wait_for(2s));
    if (const auto guardian = state().guardian(); guardian && guardian->alive()) ::kill(guardian->pid, SIGKILL);
    if (const auto cgroup = os::Cgroup::open(cgroup_)) {
      static_cast<void>(cgroup->kill_all());
      static_cast<void>(cgroup->remove());
    }
    std::filesystem::remove_all(folder_);
  }

  // "HOST:PORT" in its namespace, for the next start. `client` still goes to `socket`, where the test listens then.
  void listen_on(const std::string& address) { listen_ = address; }
  // Services started by the next agent are in no cgroup of their own.
  void leave_out_cgroups() { cgroups_ = false; }
  std::filesystem::path socket() const { return folder_ / "agent.sock"; }

  // Returns when it serves.
  void start(std::vector<std::string> more = {}) {
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    os::LaunchOptions launch;
    launch.argv = {agent_program(), "serve",
                   "--name",        "n1",
                   "--listen",      listen_.empty() ? "unix:" + socket().string() : listen_,
                   "--state",       state().root().string(),
                   "--cert",        (folder_ / "cert.pem").string(),
                   "--key",         (folder_ / "key.pem").string(),
                   "--ca",          (folder_ / "ca.pem").string(),
                   "--ready-fd",    std::to_string(ready[1])};
    if (cgroups_) launch.argv.insert(launch.argv.end(), {"--cgroup", cgroup_});
    launch.argv.insert(launch.argv.end(), more.begin(), more.end());
    launch.output = folder_ / "agent.log";
    launch.network_namespace = netns_.fd();
    launch.keep_fds = {ready[1]};
    auto process = os::Process::launch(launch);
    ::close(ready[1]);
    INFO((process ? "" : process.error().message));
    REQUIRE(process);
    std::array<char, 16> answer{};
    const ssize_t got = ::read(ready[0], answer.data(), answer.size());
    ::close(ready[0]);
    INFO(log());
    REQUIRE(got == 6);
    agent_.emplace(std::move(*process));
  }

  controller::AgentClient client() const { return connect(client_); }
  controller::AgentClient stranger() const { return connect(stranger_); }
  os::Process& agent() { return *agent_; }
  agent::StateDir state() const { return agent::StateDir(folder_ / "state"); }
  const std::filesystem::path& folder() const { return folder_; }
  const os::NetNamespace& netns() const { return netns_; }
  std::string log() const { return os::read_file(folder_ / "agent.log").value_or(""); }

  os::Cgroup service_cgroup(const std::string& name) const {
    return os::Cgroup::open(cgroup_ + "/svc-" + name).value();
  }
  // Below the cgroup2 mount.
  const std::string& agent_cgroup() const { return cgroup_; }
  bool has_cgroup() const { return os::Cgroup::open(cgroup_).has_value(); }
  // The processes of a service; empty if it has none, or no cgroup.
  std::vector<pid_t> processes(const std::string& name) const {
    const auto cgroup = os::Cgroup::open(cgroup_ + "/svc-" + name);
    return cgroup ? cgroup->processes().value_or(std::vector<pid_t>{}) : std::vector<pid_t>{};
  }
  std::size_t ledger_records() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(state().ledger()))
      if (entry.path().extension() == ".json") ++count;
    return count;
  }

  // A service of two processes that live until they are ended.
  pid_t start_sleeper(const std::string& name = "sleeper") const {
    auto pid = client().start_service({.name = name,
                                       .argv = {"/bin/sh", "-c", "sleep 1000 & wait"},
                                       .working_directory = "/",
                                       .output = (folder_ / (name + ".log")).string()});
    INFO((pid ? "" : pid.error().message) << "\n" << log());
    REQUIRE(pid);
    REQUIRE(eventually(2s, [&] { return processes(name).size() == 2; }));
    return *pid;
  }

  // Prepares and arms from now on for `length`; returns the end.
  std::int64_t inject(const std::string& id, const model::Injection& injection, Duration length, Duration lease) const {
    auto connection = client();
    const auto mechanism = connection.prepare(id, injection, lease);
    INFO((mechanism ? "" : mechanism.error().message) << "\n" << log());
    REQUIRE(mechanism);
    const std::int64_t now = os::boot_now_ns();
    const auto armed = connection.arm(id, {.start_boot_ns = now, .end_boot_ns = now + length.count()});
    INFO((armed ? "" : armed.error().message));
    REQUIRE(armed);
    return now + length.count();
  }

  // Runs `fracas-agent heal` in the host's namespace; returns its exit code and what it printed.
  std::pair<int, std::string> heal() const {
    os::LaunchOptions launch;
    launch.argv = {agent_program(), "heal", "--state", state().root().string()};
    launch.output = folder_ / "heal.log";
    std::filesystem::remove(launch.output);
    launch.network_namespace = netns_.fd();
    auto process = os::Process::launch(launch);
    REQUIRE(process);
    const auto ended = process->wait_for(15s);
    REQUIRE(ended);
    return {ended->signal != 0 ? -ended->signal : ended->code, os::read_file(launch.output).value_or("")};
  }

 private:
  void save(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  controller::AgentClient connect(const controller::Credentials& credentials) const {
    // Nothing is measured by it: on a busy machine everything may take its time.
    return {{.name = "n1", .target = "unix:" + socket().string(), .run = "a-test"}, credentials, 60s * slowness()};
  }

  os::NetNamespace netns_;
  std::filesystem::path folder_;
  std::string cgroup_;
  std::string listen_;  // empty: `socket`
  bool cgroups_ = true;
  controller::Credentials client_, stranger_;
  std::optional<os::Process> agent_;
};

// An injection on services; the caller chooses the kind.
inline model::Injection on_services(const std::vector<std::string>& services = {"sleeper"}) {
  model::Injection injection;
  injection.mutable_scope()->mutable_services()->Add(services.begin(), services.end());
  return injection;
}
inline model::Injection pausing(const std::vector<std::string>& services = {"sleeper"}) {
  model::Injection injection = on_services(services);
  injection.mutable_process_pause();
  return injection;
}
inline model::Injection killing(const std::vector<std::string>& services = {"sleeper"}) {
  model::Injection injection = on_services(services);
  injection.mutable_process_kill();
  return injection;
}

}  // namespace fracas::test
