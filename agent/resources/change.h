#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/resources/undo_step.h"
#include "agent/timed_effect.h"
#include "lib/model/effect.h"

namespace fracas::agent {

// Something of the host that a fault changes for the length of its window, and that the kernel does not change back by
// itself. Thread: one at a time.
class Change {
 public:
  Change() = default;
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  virtual ~Change() = default;

  virtual std::string mechanism() const = 0;
  // Looks at the host and returns all that undoes what `apply` will do and what it has done so far. Touches nothing.
  virtual Result<std::vector<UndoStep>> plan() = 0;
  // Does it; called again, it extends the change to processes that have come since. REQUIRES: plan, just before.
  virtual Status apply() = 0;
  // REQUIRES: not undone yet.
  virtual model::EffectCounters counters() const = 0;
};

// Writes the steps into the fault's ledger record; when it returns they are on the disk.
using RecordSteps = std::function<Status(const std::vector<UndoStep>&)>;

// Applies the change at the window's start, extends it every 50 ms, and undoes it on `revert`. Nothing is touched that
// `record` has not been told how to undo.
std::unique_ptr<TimedEffect> make_held_change(std::unique_ptr<Change> change, RecordSteps record);

}  // namespace fracas::agent
