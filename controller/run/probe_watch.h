#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/probe/abort_rules.h"
#include "controller/probe/measurement.h"
#include "controller/probe/probe.h"
#include "controller/probe/probe_plan.h"
#include "controller/run/abort.h"
#include "controller/workload/recorder.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct ProbeWatchOptions {
  const model::Experiment& experiment;
  const Recorder& recorder;
  Abort& abort;
  RunLengths lengths{};
  std::int64_t begin_ns = 0;                               // CLOCK_BOOTTIME at which the warm-up begins
  std::map<std::string, std::string> addresses{};          // of the hosts, for "{n1}"
  std::function<Status(const std::string& place)> join{};  // moves the calling thread to "clients" or a host
  std::function<void(const std::string& line)> tell{};     // a probe began to fail or to pass again; any thread
};

// Measures the probes of a run, each on a thread of its own, and ends the run where they ask for that: a probe that
// fails before the faults refuses it, safety.abort_when aborts it while faults may act.
class ProbeWatch {
 public:
  explicit ProbeWatch(ProbeWatchOptions options);  // all references outlive it

  // Waits for what is measured now, and returns all, in the order of the experiment.
  std::vector<ProbeRecord> finish();

 private:
  void ask(const model::ProbeSpec& spec, ProbeRecord& record, const std::stop_token& stopping);
  void watch_workload(const std::stop_token& stopping);
  void keep(ProbeRecord& record, const PlannedMeasurement& planned, Measurement measurement);

  ProbeWatchOptions options_;
  std::mutex mutex_;
  AbortRules rules_;
  std::vector<ProbeRecord> records_;  // as many as probes; grow under the mutex
  std::vector<std::jthread> threads_;
};

// What is known of the experiment's probes before anything is measured. In the order of the experiment.
std::vector<ProbeRecord> begin_probes(const model::Experiment& experiment,
                                      const std::map<std::string, std::string>& addresses);

}  // namespace fracas::controller
