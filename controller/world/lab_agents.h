#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/world/lab_network.h"
#include "controller/world/lab_plan.h"
#include "lib/base/result.h"
#include "lib/os/process.h"

namespace fracas::controller {

struct LabAgent {
  std::string name;
  os::Process process;
};

struct LabAgentOptions {
  std::filesystem::path program;
  std::vector<std::filesystem::path> logs;  // as in LabPlan::hosts
  std::chrono::milliseconds ready_within{10'000};
};

// Starts an agent on every host, all at once, and waits until each is ready. Agents end by themselves when this process
// does. Whatever was started is in `started`, also after an error. ERRORS: the first agent that is not ready, why, and
// the end of its log.
Status start_lab_agents(const LabPlan& plan, const LabNetwork& network, const LabAgentOptions& options,
                        std::vector<LabAgent>& started);

// Asks all of them to end, kills those that take longer than `patience`, and reaps all.
void end_lab_agents(std::vector<LabAgent>& agents, std::chrono::milliseconds patience);

struct AgentHealCommand {
  std::filesystem::path program;
  std::filesystem::path agent_state;
  int network_namespace = -1;  // descriptor of the host's; -1: it is gone
};

// Lets a fresh process revert what the ledger of an agent that is gone still holds, within ten seconds.
// ERRORS: that process's exit code and what it wrote.
Status heal_agent_state(const AgentHealCommand& command);

}  // namespace fracas::controller
