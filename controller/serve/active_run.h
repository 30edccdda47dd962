#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "controller/serve/event_log.h"
#include "controller/serve/live_tally.h"
#include "controller/serve/run_control.h"
#include "controller/serve/run_request.h"
#include "lib/os/process.h"

namespace fracas::controller {

// One run from its place in the queue to its end, on a thread of its own. That thread starts the run's process and
// lives as long as it, because the process is killed with the thread (PR_SET_PDEATHSIG). What is public below is
// guarded by the mutex of the control.
class ActiveRun {
 public:
  // The control outlives this.
  ActiveRun(RunControl& control, CheckedStart start, std::shared_ptr<EventLog> log, std::uint64_t number);
  ~ActiveRun();  // waits for its end

  void begin();

  // Asks it to end, once or twice. REQUIRES: the control's mutex.
  void ask_to_end(const std::string& who);
  // Kills its process; the thread heals what it leaves. REQUIRES: the control's mutex.
  void kill();
  // All its faults are over. REQUIRES: the control's mutex.
  bool faults_over() const;

  StoredRun row;
  LiveTally tally;
  bool on_turn = false;
  bool done = false;
  std::string stopped_by;         // empty: nobody asked
  std::int64_t begin_ns = 0;      // CLOCK_BOOTTIME of its warm-up; 0: not yet
  const std::uint64_t number;     // in the order of starts
  std::shared_ptr<EventLog> log;  // shared with those who follow it

 private:
  void play();
  bool wait_for_turn(std::string& why_not);
  Status launch();
  void listen();
  void heard(const std::string& line);
  void conclude(const std::optional<os::ExitStatus>& ended, const std::string& problem);
  struct Ending {
    std::optional<os::ExitStatus> ended;  // nothing: it never began
    std::string problem;                  // why it did not begin
    std::string stopped_by;
  };
  void say_for_it(StoredRun& last, const Ending& ending);
  bool heal() const;

  RunControl& control_;
  const CheckedStart start_;
  os::UniqueFd events_;
  std::optional<os::Process> process_;
  std::jthread thread_;
};

}  // namespace fracas::controller
