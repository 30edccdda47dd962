#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controller/hunt/findings.h"
#include "lib/base/result.h"

namespace fracas::controller {

// A task of a divided hunt that ran to its end, or into it.
struct TaskEnd {
  unsigned share = 0;                  // which of the hunt's shares it had
  std::optional<Findings> findings{};  // nothing: it was lost
  std::string why{};                   // it was lost
};

// Machines of somebody's, on which tasks run: each is a `fracas hunt --share` of its own. Thread: one.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // Hands in a task for each of these shares, never empty. ERRORS: none, or not all, were taken; what was taken runs.
  virtual Status submit(const std::vector<unsigned>& shares) = 0;
  // The tasks that ended and were not told before. ERRORS: the engine does not answer now; it may be asked again.
  virtual Result<std::vector<TaskEnd>> ended() = 0;
  // Ends what still runs, and removes what submit() made and nobody reads. May be called again.
  virtual Status clear() = 0;
};

}  // namespace fracas::controller
