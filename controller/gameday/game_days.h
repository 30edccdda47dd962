#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "controller/gameday/event.h"
#include "controller/gameday/notifier.h"
#include "controller/gameday/plan.h"
#include "controller/gameday/scheduler.h"
#include "lib/base/result.h"

namespace fracas::controller {
class Database;
class RunControl;
}  // namespace fracas::controller

namespace fracas::controller::gameday {

// The game days of a controller: the scheduler with a clock, a store, and hands that start and stop runs. Whatever is
// decided is in the store, with its entries of the audit log, before it is done. Thread: any.
class GameDays {
 public:
  // Both outlive this.
  GameDays(Database& database, RunControl& runs, ReadExperiment read);
  ~GameDays();  // what runs is left to the control of runs, which stops it

  // Reads what the store has; what ran when an earlier controller ended is stopped. Call first, once the runs are
  // recovered, then begin(). A game day that cannot be read any more is left out, and logged. ERRORS: the store's.
  Status load();
  // From now on time passes.
  void begin();

  // ERRORS of those that change something: as Output::refusal, and the store's. All answer with the day as it then is.
  // A start waits for the guards, some seconds at most, and fails with what they say: code EEXIST.
  Result<Day> submit(const std::string& text, const Person& by);
  Result<Day> approve(const std::string& name, const Person& by);
  Result<Day> start(const std::string& name, const Person& by);
  // Answers when its faults are over.
  Result<Day> stop(const std::string& name, const Person& by);
  Result<Day> note(const Noted& noted);

  Result<Day> find(const std::string& name) const;
  std::vector<Day> all() const;

 private:
  Result<Day> tell_and_find(const std::string& name, const Event& event);
  // One event for the scheduler, and what follows from it. ERRORS: it was refused, or could not be stored.
  Status tell(const Event& event);
  Status decide(const Event& event, Output& output);
  Status keep(const Output& output);
  void announce(const Announce& said);
  // What a recipient could not be told.
  void untold(const std::string& day, const std::string& why);
  void stop_run(const StopRun& stop);

  void tick(const std::stop_token& stopping);
  void work(const std::stop_token& stopping);
  void ask_guards(const std::string& name, const std::stop_token& stopping);
  void play(const StartRun& start, const std::stop_token& stopping);
  void follow(const std::string& name, const std::string& run, const std::stop_token& stopping);

  Database& database_;
  RunControl& runs_;
  const ReadExperiment read_;

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  Scheduler scheduler_;
  std::deque<Action> to_do_;           // AskGuards and StartRun, for the thread that plays runs
  std::set<std::string> faults_over_;  // runs that were stopped, as soon as their faults are over

  Notifier notifier_;
  std::jthread clock_;
  std::jthread player_;
};

}  // namespace fracas::controller::gameday
