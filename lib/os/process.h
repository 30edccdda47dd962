#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::os {

struct LaunchOptions {
  std::vector<std::string> argv;            // argv[0] is the path of the program
  std::filesystem::path working_directory;  // empty: ours
  std::filesystem::path output;             // stdout and stderr are appended to it; empty: ours
  int network_namespace = -1;               // descriptor of the namespace to start in; -1: ours
  std::filesystem::path cgroup;             // folder of the cgroup to start in; empty: ours
  bool die_with_parent = false;             // SIGKILL when the *thread* that launched it ends (PR_SET_PDEATHSIG)
  bool new_session = true;                  // so that a terminal's Ctrl-C reaches only us
  std::vector<int> keep_fds;                // descriptors it inherits under the same numbers; all others are closed
  int input = -1;                           // descriptor, above 2, that becomes its stdin; -1: /dev/null
  int answers = -1;                         // descriptor, above 2, that becomes its stdout instead of `output`; -1: none
};

// How a process ended: its exit code, or the signal that killed it.
struct ExitStatus {
  int code = 0;
  int signal = 0;
};

// A child process, held by pidfd. Destroying the handle of a running child neither kills nor waits for it.
class Process {
 public:
  // ERRORS: everything up to and including execve(2), with its errno; ETIMEDOUT if the child does not get there in five
  // seconds, as in a frozen cgroup. A failed launch leaves no zombie.
  static Result<Process> launch(const LaunchOptions& options);

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  Status signal(int number) const;
  // Waits for the end, at most `timeout`; nothing if it still runs then.
  std::optional<ExitStatus> wait_for(std::chrono::milliseconds timeout);

 private:
  Process(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  std::optional<ExitStatus> ended_;
};

// A process of whatever parent, told apart from a later one with the same pid by its start time.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat

  static Result<ProcessIdentity> of(pid_t pid);
  // A zombie counts as gone.
  bool alive() const;
};

}  // namespace fracas::os
