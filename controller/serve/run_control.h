#pragma once
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/serve/live_tally.h"
#include "controller/serve/run_folders.h"
#include "controller/store/runs.h"
#include "lib/base/result.h"

namespace fracas::controller {

class ActiveRun;
class Database;
class EventLog;

struct StartOptions {
  std::string file{};  // in the library; or
  std::string text{};  // the TOML itself
  std::vector<std::string> set{};
  std::string seed{};   // a number, "random", or empty: the experiment's own
  std::string world{};  // "lab", "sim", or empty: the experiment's own
  std::string by{};
  std::string gameday{};  // of which it is a part, or empty
  bool blind = false;     // hide plan and faults while it goes on
};

// A run that is not done, as it is now.
struct LiveRun {
  StoredRun run;
  LiveTally tally;
  std::shared_ptr<const EventLog> log;  // shared with those who follow it
};

// The runs of this controller. Each is a process of its own, `fracas run --live`, that dies with the controller; one in
// the lab and one on a fleet at a time, simulated ones beside them. Whatever happens to it, it ends as `done` in the
// store, and its faults are over. Thread: any.
class RunControl {
 public:
  static constexpr std::size_t kWaitingMax = 100;  // more are refused
  static constexpr std::size_t kSimulatedMax = 4;  // at once

  // The database outlives this.
  RunControl(Database& database, RunFolders folders);
  ~RunControl();  // stops everything

  // What an earlier controller left unfinished: its processes are killed, its faults healed, its runs done as aborted.
  // Of one on another host only the latter: there its process died with it, its faults ended with their lease, and the
  // rest waits for heal_here(). Call first. ERRORS: the store's.
  Status recover();
  // Heals what was left on this host when a controller elsewhere recovered. ERRORS: the store's.
  Status heal_here();

  // Reads and checks the experiment, and begins it as soon as its turn comes. ERRORS by `code`: EINVAL bad input, one
  // line a mistake; ENOENT no such file; ECANCELED frozen; EAGAIN too many wait.
  Result<StoredRun> start(const StartOptions& options);
  // Ends its faults and answers when they are over; its report is still written unless this is called again.
  // ERRORS: ENOENT no such run; EALREADY it is done.
  Result<StoredRun> stop(const std::string& id, const std::string& by);
  // The same for all that run or wait, in parallel; those it stopped.
  std::vector<StoredRun> stop_all(const std::string& by);
  // Starts nothing any more, and stops everything.
  void close();
  // ERRORS: ENOENT.
  Result<RunNote> add_note(const std::string& id, const std::string& by, const std::string& text);

  // Nothing if it is done or unknown.
  std::optional<LiveRun> live(const std::string& id) const;
  // As the store has it, with the counts of this moment. ERRORS: the store's, ENOENT.
  Result<StoredRun> find(const std::string& id) const;
  std::vector<LiveRun> all_live() const;
  // Waits until it is done. Nothing if `stopping` came first or there is no such run.
  std::optional<StoredRun> wait_done(const std::string& id, const std::stop_token& stopping) const;

  const RunFolders& folders() const { return folders_; }

 private:
  friend class ActiveRun;
  std::string free_id(const std::string& base) const;
  Status admit() const;
  std::shared_ptr<ActiveRun> active(const std::string& id) const;
  bool my_turn(const ActiveRun& run) const;
  void ended(const ActiveRun& run);

  Database& database_;
  const RunFolders folders_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;  // a run began, got on or ended
  std::map<std::string, std::shared_ptr<ActiveRun>> active_;
  std::vector<std::shared_ptr<ActiveRun>> finished_;  // whose threads are to be joined
  std::uint64_t next_ = 1;                            // of starts
  bool closing_ = false;
};

}  // namespace fracas::controller
