#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/resources/change.h"
#include "agent/resources/stress.abi.h"
#include "lib/base/result.h"

namespace fracas::agent {

// What workers are to do, all the same.
struct StressOrder {
  StressKind kind = StressKind::cpu;
  unsigned workers = 1;  // [1, kStressWorkersMax]
  // cpu: the share of one CPU that each worker burns, (0, 1], in periods of 10 ms. Counted: periods, and those in which
  // it got at least half of what it wanted.
  double share = 1;
  // memory: what each worker allocates and keeps touched. Counted: 4 KiB pages, and those it holds.
  // io: the size of each worker's file, written over and over in blocks of 64 KiB with an fdatasync after each.
  // Counted: writes, and those that were made durable.
  std::uint64_t bytes = 0;
  double rate_per_second = 0;  // io: writes of each worker; 0: as fast as it can
  // io: where the files are. They have no name, so nothing of them can be left.
  std::filesystem::path folder{};
  // Of the workers. 1000: the kernel's OOM killer takes them before anybody else.
  int oom_score = 1000;
};

struct StressPlace {
  std::filesystem::path control;  // file to be made, one a fault
  std::filesystem::path group;    // cgroup2 folder to be made for the workers; empty: the agent's own
  // Version 1 cgroups that the workers join, so that they share the victim's limits.
  std::vector<std::filesystem::path> join;
};

// A crew of worker processes (fracas-stress, beside the agent's program) that burn CPU, memory or disk time. They are
// started when it is prepared and wait for the window. Each compares window and lease itself, several times in 10 ms,
// and ends with them, agent or no agent; until the first renewal they have a lease of five seconds. `record` is told
// before the first one is started.
// ERRORS: EINVAL a number; what failed when they were started, and then there are none.
Result<std::unique_ptr<Effect>> start_stress(const StressOrder& order, const StressPlace& place,
                                             const RecordSteps& record);

// Where the victims' version 1 cgroups of these controllers are; nothing for controllers that are elsewhere.
std::vector<std::filesystem::path> groups_to_join(pid_t victim, const std::vector<std::string>& controllers);

// What a process may still allocate until a limit of a memory cgroup around it, or the machine's memory, is reached.
Result<std::uint64_t> memory_left_for(pid_t pid);
// The lowest memory limit around a process; the machine's memory if there is none.
Result<std::uint64_t> memory_limit_of(pid_t pid);

}  // namespace fracas::agent
