#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace fracas::controller {

class Database;

// waiting: for its turn; running: a process of its own is at work; stopping: it was asked to end; done: it ended, by
// whatever cause.
enum class RunState { waiting, running, stopping, done };

std::string_view name(RunState state);
std::optional<RunState> find_run_state(std::string_view name);

// What the controller keeps of a run, besides its folder.
struct StoredRun {
  std::string id;  // "20261121-221500-kill-leader-7": wall clock, name, seed
  std::string name;
  std::string doc;
  std::string file;    // in the library of experiments; empty where its text was given
  std::string world;   // "lab", "sim", "fleet"
  std::string target;  // "raft"
  std::uint64_t seed = 0;
  RunState state = RunState::waiting;
  std::string verdict;  // "pass", "could-not-run", …; empty until it is done
  bool as_expected = false;
  std::string headline;  // one sentence
  std::string error;     // why it has no result, or ended early; may be empty
  std::string started;   // wall clock; when it was asked for, then when it began
  std::string ended;     // wall clock; empty until it is done
  std::string by;        // who asked for it
  std::string gameday;   // of which it is a part; may be empty
  bool blind = false;    // plan and faults are shown once it is done
  std::uint64_t ok = 0;  // operations
  std::uint64_t fail = 0;
  std::uint64_t info = 0;
  double p99_ms = 0;
  std::int64_t pid = 0;  // of its process while it runs; 0: none
  std::uint64_t pid_start = 0;
  std::string host{};     // whose controller runs it; empty: of a time when that was not kept
  bool unhealed = false;  // what it left on its host is still to be healed, by a controller there
};

// Empty texts choose everything.
struct RunFilter {
  std::string state{};
  std::string verdict{};
  std::string experiment{};  // name or file
  std::string before{};      // only runs with ids below this one
  std::int64_t limit = 100;
};

// Adds the run, or replaces the one with its id.
Status save_run(Database& database, const StoredRun& run);
Result<std::optional<StoredRun>> find_run(Database& database, const std::string& id);
Result<std::vector<StoredRun>> list_runs(Database& database, const RunFilter& filter);  // newest first
// Those that are not done, as a killed controller leaves them.
Result<std::vector<StoredRun>> unfinished_runs(Database& database);
// Those of a host that wait for a controller there to heal it.
Result<std::vector<StoredRun>> unhealed_runs(Database& database, const std::string& host);

struct RunNote {
  double at_ms = 0;  // since the run's start
  std::string by;
  std::string text;
};
Status add_run_note(Database& database, const std::string& run, const RunNote& note);
Result<std::vector<RunNote>> run_notes(Database& database, const std::string& run);

}  // namespace fracas::controller
