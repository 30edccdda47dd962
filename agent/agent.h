#pragma once
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/fault_table.h"
#include "agent/guardian_link.h"
#include "agent/heal.h"
#include "agent/net_slot.h"
#include "agent/policy.h"
#include "agent/policy_guard.h"
#include "agent/processes/process_finder.h"
#include "agent/services.h"
#include "agent/state_dir.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent {

struct AgentOptions {
  std::string name;
  std::filesystem::path state;
  std::string cgroup;  // below the cgroup2 mount; empty: services get none
  std::vector<std::string> interfaces;
  pid_t exit_with = 0;
  Policy policy;
  std::uint16_t port = 0;      // TCP port it serves on, which no fault may touch; 0: a Unix socket
  std::vector<int> inherited;  // descriptors whose copies the guardian keeps open as well
};

// One host's agent without its network service: faults, services, guardian and state. Thread: any, once opened.
class Agent {
 public:
  // Locks the state folder, heals what an earlier agent left, takes the fingerprint, and starts guardian and data plane
  // in the background. REQUIRES: signals are blocked already, since threads are started. ERRORS: another agent runs on
  // that state; what an earlier one left cannot be undone.
  static Result<std::unique_ptr<Agent>> open(AgentOptions options);
  // Does `shut_down` if nobody did.
  ~Agent();

  const std::string& name() const { return options_.name; }
  Services& services() { return services_; }
  FaultTable& faults() { return *faults_; }
  const GuardianLink& guardian() const { return *guardian_; }
  // Another guardian in place of one that ended, with all that it has to hold.
  Status replace_guardian();

  // Those of FaultTable, once the guardian watches, and if the policy allows it (EPERM).
  Result<std::string> prepare(const Order& order);
  Status arm(const std::string& id, const Window& window);
  // Reverts every fault, stops every service, detaches the data plane, and compares with the fingerprint of the start.
  HealOutcome heal();
  // Reverts everything and refuses new faults, also after a restart, until it is taken back (`on` false). Returns what
  // was reverted.
  Result<std::vector<std::string>> drain(bool on);
  // It refuses faults: by `drain`, or because its owner has frozen it.
  bool drained() const { return policy_->is_frozen(); }
  // heal, then nothing of this agent is left: guardian, cgroup, state.
  void shut_down();

 private:
  Agent(AgentOptions options, os::UniqueFd lock);
  Status prepare_state();
  Status start_parts();
  Status start_policy();

  AgentOptions options_;
  StateDir state_;
  os::UniqueFd lock_;
  Services services_;
  std::unique_ptr<GuardianLink> guardian_;
  NetSlot net_;
  ProcessFinder finder_;
  std::unique_ptr<FaultTable> faults_;
  std::unique_ptr<PolicyGuard> policy_;
  std::vector<std::string> fingerprint_;
  std::mutex healing_;
  bool down_ = false;
};

}  // namespace fracas::agent
