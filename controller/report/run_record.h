#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/verdict.h"
#include "controller/probe/measurement.h"
#include "lib/model/effect.h"
#include "lib/model/history.h"
#include "lib/model/node_event.h"

namespace fracas::controller {

// How a run ended, strongest claim first; the exit code of the program is the number.
enum class Outcome : std::uint8_t {
  pass = 0,
  violated = 1,
  undecided = 2,
  vacuous = 3,
  aborted = 4,
  could_not_run = 5,
  bad_input = 6,
  cleanup_failed = 7,
};

// "pass", "violated", "undecided", "vacuous", "aborted", "could not run", "bad input", "cleanup failed".
std::string_view name(Outcome outcome);

// Of two exit codes the one that must not be overlooked.
int worse_exit_code(int a, int b);

// When the phases of a run began and ended, CLOCK_BOOTTIME nanoseconds.
struct PhaseTimes {
  std::int64_t warmup_ns = 0;
  std::int64_t faults_ns = 0;
  std::int64_t recover_ns = 0;
  std::int64_t end_ns = 0;
};

// A run of the same workload without faults, before the real one. Numbers are those of the whole run.
struct ControlRun {
  std::uint64_t seed = 0;
  std::uint64_t operations = 0;
  double seconds = 0;
  double ok_rate = 1;
  double latency_p50_ms = 0;
  double latency_p99_ms = 0;
  double silence_s = 0;
};

// Everything a run left on record: what verdict.json, report.html and junit.xml are made from. Plain data.
struct RunRecord {
  std::string name;
  std::string doc;
  std::uint64_t seed = 0;
  bool expect_violated = false;
  Outcome outcome = Outcome::could_not_run;  // as it happened, before `expect` swaps pass and violated
  std::string reason;                        // one sentence: why this outcome
  std::string fracas_version;
  std::string kernel;
  std::string started_at;  // UTC wall clock, ISO 8601, for people
  std::string world;       // "lab, 5 hosts"
  std::string target;      // "raft" with its bugs
  std::string workload;    // "register, 10 clients, 500/s, 20 keys"
  std::vector<std::string> hosts;
  PhaseTimes phases;
  std::vector<model::FaultWindow> faults;
  std::vector<ControlRun> control;  // empty: there was no control arm
  std::string control_says;         // the control arm in one sentence; empty likewise
  std::vector<ProbeRecord> probes;
  std::vector<checker::CheckResult> checks;  // those of the probes behind the others
  std::vector<model::Event> history;
  std::vector<model::NodeEvent> node_events;
  std::vector<std::string> leftovers;  // what clean-up could not remove
  std::uint64_t operations_shed = 0;   // arrivals the open-loop workload dropped, all clients being busy

  // The exit code: `outcome`, with pass and violated swapped when a violation was expected.
  int exit_code() const;
};

}  // namespace fracas::controller
