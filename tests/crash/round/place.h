#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/state_dir.h"
#include "controller/world/agent_client.h"
#include "lib/base/result.h"
#include "lib/os/netns.h"
#include "lib/os/process.h"
#include "tests/crash/round/plan.h"

namespace fracas::crash {

// Where the agent of the round in this folder listens, and what a controller shows it.
std::string agent_address(const std::filesystem::path& folder);
Result<controller::Credentials> read_credentials(const std::filesystem::path& folder);

// Everything one round happens in: two hosts joined by a veth pair, a cgroup, a folder, and the processes on them.
// Other rounds, labs and agents of the machine have nothing to do with it. Thread: one at a time.
class Place {
 public:
  // REQUIRES: root and cgroup2. ERRORS: what could not be made.
  static Result<Place> make(std::uint64_t seed);
  Place(Place&&) noexcept;
  Place& operator=(Place&&) = delete;
  // Ends every process in it and removes it all. Of a round that failed the folder stays, if `keep` was called.
  ~Place();
  void keep() { keep_ = true; }

  // Launches an agent; returns at once.
  Status launch_agent(std::optional<pid_t> exit_with);
  // Waits, at most a minute, until it serves. ERRORS: it ended; its log is in the message.
  Status wait_for_agent();
  Status start_services();
  Status launch_controller();
  void let_controller_go() const;
  // What "fracas-agent heal" printed, if it said that all is clean.
  Result<std::string> heal();

  // Kills one of them, if it is there.
  void kill(Target target);
  // SIGTERM to the agent; returns its end. ERRORS: it does not end within a minute.
  Result<os::ExitStatus> stop_agent();
  // The agent that was launched last, if it runs. Collects it otherwise.
  bool agent_runs();
  // Waits, at most a minute, until it has ended by itself.
  bool agent_leaves();
  pid_t controller_pid() const { return controller_->pid(); }
  // Waits, at most a minute, until it has ended; then it is killed.
  void wait_for_controller();
  // Waits, at most a minute, until no guardian runs on the host.
  bool guardian_leaves() const;

  // The processes on the host under test, "PID NAME" each, wherever they went.
  std::vector<std::string> processes() const;
  std::vector<pid_t> service_processes(const std::string& name) const;
  std::filesystem::path service_log(const std::string& name) const { return folder_ / (name + ".log"); }

  const std::filesystem::path& folder() const { return folder_; }
  agent::StateDir state() const { return agent::StateDir(folder_ / "state"); }
  const os::NetNamespace& host() const { return host_; }
  const os::NetNamespace& peer() const { return peer_; }
  // Below the cgroup2 mount; the agent's own is "agent" in it.
  const std::string& cgroup() const { return cgroup_; }
  // A text that the name of everything of this round has in it.
  std::string tag() const { return "crash" + std::to_string(seed_) + "-"; }
  std::string agent_log() const;
  std::string controller_log() const;

 private:
  Place(std::uint64_t seed, os::NetNamespace host, os::NetNamespace peer)
      : seed_(seed), host_(std::move(host)), peer_(std::move(peer)) {}
  Status join_hosts();
  Status write_certificates();
  Status launch_echo();
  std::vector<std::pair<pid_t, std::string>> processes_in(const os::NetNamespace& netns) const;
  void end_everything();

  std::uint64_t seed_;
  os::NetNamespace host_, peer_;
  std::filesystem::path folder_;
  std::string cgroup_;
  bool keep_ = false;
  os::UniqueFd ready_;  // the agent says here that it serves
  std::optional<os::Process> agent_, controller_, echo_;
};

}  // namespace fracas::crash
