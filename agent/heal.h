#pragma once
#include <string>
#include <vector>

#include "agent/state_dir.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct HealOutcome {
  std::vector<std::string> reverted;   // one line for each thing that was undone
  std::vector<std::string> leftovers;  // what is still there in spite of it; empty means clean
};

// Undoes everything an agent left behind in `state`, from the disk alone, and stops its guardian and its services.
// An agent that still runs is asked to revert its faults by itself (SIGUSR1) and keeps its services; one that does not
// do so within two seconds, because it is stopped or hangs, is killed first. Idempotent. Network leftovers are looked
// for in the caller's network namespace.
HealOutcome heal(const StateDir& state);

// The part for a dead agent alone; what a starting agent does first. REQUIRES: no agent runs on `state`.
HealOutcome heal_after_dead_agent(const StateDir& state);

}  // namespace fracas::agent
