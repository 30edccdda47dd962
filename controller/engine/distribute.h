#pragma once
#include <functional>
#include <string>
#include <vector>

#include "controller/engine/engine.h"
#include "controller/hunt/findings.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct DistributeOptions {
  unsigned shares = 1;
  unsigned tries_max = 3;       // of one share: a task that was lost runs again
  unsigned violations_max = 1;  // the tasks that still run are ended when so many were found
  Duration ask_every = std::chrono::seconds(1);
  Duration silence_max = std::chrono::minutes(5);      // of an engine that does not answer
  std::function<bool()> stop{};                        // asked several times a second
  std::function<void(const std::string& line)> say{};  // what happens to tasks
};

struct Distributed {
  Findings findings;           // of all tasks that ended, merged
  unsigned shares_done = 0;    // fewer than there are where enough was found, or where it was stopped
  std::vector<unsigned> lost;  // shares whose every try was lost
};

// Runs a hunt's shares as tasks on an engine: lost ones again, until all ended, enough was found, or `stop` says so;
// nothing runs on the engine afterwards. ERRORS: the engine took no tasks, or was silent for too long.
Result<Distributed> distribute(Engine& engine, const DistributeOptions& options);

}  // namespace fracas::controller
