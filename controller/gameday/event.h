#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/gameday/day.h"
#include "lib/base/result.h"

// What the scheduler is told, and what it wants done.
namespace fracas::controller::gameday {

// Time passes; at least every second.
struct Tick {};
// The controller begins to work with what its store holds: nothing runs, whatever that says.
struct Restored {};
// A new plan, or one in place of an older one of the same name.
struct Submitted {
  Plan plan;
  std::string text;
  Person by;
};
struct Approved {
  std::string day;
  Person by;
};
struct StartAsked {
  std::string day;
  Person by;
};
struct StopAsked {
  std::string day;
  Person by;
};
struct FreezeSet {
  bool frozen = false;
  std::string reason;
  Person by;
};
// The guards of the next experiment were asked; those that did not hold are in `failed`, one sentence each.
struct GuardsAsked {
  std::string day;
  std::vector<std::string> failed;
};
// A guard failed while the run went on; `text` says which and how.
struct GuardFailed {
  std::string day;
  std::string run;
  std::string text;
};
struct RunBegan {
  std::string day;
  std::string run;
};
struct RunRefused {
  std::string day;
  std::string why;
};
// A fault is active. `text` says which.
struct FaultSeen {
  std::string day;
  std::string text;
};
struct RunEnded {
  std::string day;
  std::string run;
  std::string verdict;  // as the run's record says it
  bool as_expected = false;
  std::string headline;
};
struct Noted {
  std::string day;
  EntryKind kind = EntryKind::note;  // note, detected or mitigated
  std::string text;
  Person by;
};
using Event = std::variant<Tick, Restored, Submitted, Approved, StartAsked, StopAsked, FreezeSet, GuardsAsked,
                           GuardFailed, RunBegan, RunRefused, FaultSeen, RunEnded, Noted>;

// Answered by GuardsAsked.
struct AskGuards {
  std::string day;
};
// Answered by RunBegan and later RunEnded, or by RunRefused.
struct StartRun {
  std::string day;
  std::size_t step = 0;
};
// Answered by RunEnded.
struct StopRun {
  std::string day;
  std::string run;
  std::string who;
};
// For the audit log.
struct Audit {
  std::string who;
  std::string action;  // "gameday.approve"
  std::string day;
  std::string details;
};
// In the order of the vocabulary (lib/model/gameday.proto).
enum class Happening { approved, started, run_ended, detected, mitigated, stopped, done, missed };
std::string_view text_of(Happening what);

// For whoever wants to be told; `text` gives nothing of a blind plan away.
struct Announce {
  std::string day;
  Happening what = Happening::started;
  std::string text;
};
using Action = std::variant<AskGuards, StartRun, StopRun, Audit, Announce>;

struct Output {
  std::vector<Action> actions;    // in this order
  std::set<std::string> changed;  // days to be kept by the store, before any action is taken
  // Why it was refused; then nothing changed. Codes: ENOENT no such game day, EINVAL, EPERM it is not theirs to do,
  // ECANCELED starts are frozen, EEXIST it cannot be now.
  std::optional<Error> refusal;
};

}  // namespace fracas::controller::gameday
