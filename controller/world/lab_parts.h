#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/world/agent_client.h"
#include "controller/world/lab.h"
#include "controller/world/lab_agents.h"
#include "controller/world/lab_lock.h"
#include "controller/world/lab_names.h"
#include "controller/world/lab_network.h"
#include "controller/world/lab_plan.h"

namespace fracas::controller {

// What a lab consists of at this moment; made by lab_create.cpp, taken apart by lab_teardown.cpp.
struct Lab::Parts {
  LabPlan plan;
  std::filesystem::path state;
  std::filesystem::path agent_program;
  std::vector<Host> hosts;
  std::vector<AgentClient> clients;  // as in hosts; stay when the agents are gone
  std::vector<LabAgent> agents;
  std::optional<LabNetwork> network;
  std::unique_ptr<LabNames> names;
  std::vector<unsigned long> namespaces;  // inode numbers; others' when the network is gone
  bool complete = false;                  // made to the end: from then on its agents may hold faults
  bool torn_down = false;
};

// Makes everything `parts.plan` says, in the order in which it can be found again after a crash. The caller holds the
// lab's lock. ERRORS: the step and its cause; what was made so far is in `parts`, for remove_lab.
Status make_lab(Lab::Parts& parts);

// What exists of it now, one line each.
std::vector<std::string> lab_leftovers(const Lab::Parts& parts);

// Takes everything apart; returns what is left in spite of it.
std::vector<std::string> remove_lab(Lab::Parts& parts);

}  // namespace fracas::controller
