#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>

#include "lib/base/result.h"

namespace fracas::agent {

struct GuardianOptions {
  std::filesystem::path state;
  pid_t agent = 0;
  int socket = -1;      // to the agent, see GuardianLink
  std::string cgroup;   // the agent's, below the cgroup2 mount; empty: none
  pid_t exit_with = 0;  // the agent's controller; 0: none
};

// The guardian's whole life, in a process of its own named "fracas-guardian". It holds copies of the descriptors that
// keep the network classifier attached, so that drops go on to their window's end if the agent is killed. It reverts,
// from the ledger alone, every process fault whose window or lease has been over for 250 ms and whose record is still
// there: whether the agent is dead or stopped. It goes when the agent leaves in good order, or when the agent is dead
// and nothing is left to revert; if the controller `exit_with` is gone as well, it ends the agent's services too.
// ERRORS: it could not start. Returns when it is done.
Status run_guardian(const GuardianOptions& options);

// The messages between agent and guardian, one byte each on a SOCK_SEQPACKET socket; `hold` carries the descriptors
// (SCM_RIGHTS) and replaces those held before, none included.
inline constexpr char kGuardianHold = 'H';
inline constexpr char kGuardianQuit = 'Q';
inline constexpr char kGuardianReady = 'R';  // guardian to agent: started, or `hold` done
inline constexpr std::size_t kGuardianFdsMax = 64;

}  // namespace fracas::agent
