#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/process.h"

// What a resource fault must take back, as plain data: it goes into the ledger before the kernel is touched, and is
// enough for a guardian or a later heal to undo the fault without knowing its kind.
namespace fracas::agent {

// A kernel file gets its former content again, in one write. A file that is gone needs nothing.
struct WriteBack {
  std::filesystem::path file;
  std::string content;

  bool operator==(const WriteBack&) const = default;
};

// Every process of a version 1 cgroup of ours goes back to its parent, `home`; then the cgroup is removed. ERRORS:
// EBUSY while another fault's cgroup is inside it; once that one is undone, this can be.
struct MoveBack {
  std::filesystem::path group;
  std::filesystem::path home;

  bool operator==(const MoveBack&) const = default;
};

// A process whose soft limit was lowered gets the former one; so does every process of `group` that has inherited the
// lowered one. Who has changed the limit meanwhile keeps what it chose.
struct LimitBack {
  os::ProcessIdentity process;
  std::filesystem::path group;  // a cgroup2 folder; empty: only the process
  int resource = 0;             // RLIMIT_…
  std::uint64_t lowered = 0;    // soft limits
  std::uint64_t former = 0;

  bool operator==(const LimitBack& other) const {
    return process.pid == other.process.pid && process.start_ticks == other.process.start_ticks &&
           group == other.group && resource == other.resource && lowered == other.lowered && former == other.former;
  }
};

// The workers that have registered in a control file are killed, those that have not yet will see that it is over; then
// the file and their cgroup are removed.
struct EndWorkers {
  std::filesystem::path control;
  std::filesystem::path group;  // a cgroup2 folder; empty: they have none of their own

  bool operator==(const EndWorkers&) const = default;
};

using UndoStep = std::variant<WriteBack, MoveBack, LimitBack, EndWorkers>;

// What other faults that still last will undo: where two change the same thing, both give back what was there before
// either.
using OtherSteps = std::function<std::vector<UndoStep>()>;

// Takes the steps last first. All are tried. Idempotent; what it looks for and does not find is undone already.
// ERRORS: the first step that failed, with its errno.
Status undo_steps(const std::vector<UndoStep>& steps);

// One JSON array, without line breaks.
std::string to_json(const std::vector<UndoStep>& steps);
// ERRORS: what is wrong with it.
Result<std::vector<UndoStep>> parse_undo_steps(std::string_view text);

}  // namespace fracas::agent
