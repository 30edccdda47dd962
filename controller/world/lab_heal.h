#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace fracas::controller {

struct LabHealOptions {
  std::filesystem::path state{};          // empty: lab_state_root()
  std::filesystem::path agent_program{};  // empty: fracas-agent beside the running binary
  bool all = false;                       // also labs whose owner is alive
};

struct LabHealing {
  std::vector<std::string> removed;    // one line each: "lab 3f2a91c0: cgroup fracas/lab-3f2a91c0"
  std::vector<std::string> remaining;  // what could not be removed, and why; empty means clean
};

// Removes every lab whose owner is gone: lets `fracas-agent heal` revert its faults where its network still exists,
// kills its processes, and removes its cgroups and folders; likewise the cgroups of labs that left no record.
// Idempotent. A lab that another process is making, removing or healing at this moment is left to it, and is no
// remainder. REQUIRES: root. Thread: any; several processes may do so at once.
LabHealing heal_labs(const LabHealOptions& options);

}  // namespace fracas::controller
