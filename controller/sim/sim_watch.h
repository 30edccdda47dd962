#pragma once
#include <memory>
#include <string>
#include <vector>

#include "controller/probe/abort_rules.h"
#include "controller/probe/probe_plan.h"
#include "controller/probe/workload_meter.h"
#include "controller/run/live_check.h"
#include "controller/sim/sim_injector.h"
#include "controller/sim/sim_load.h"
#include "controller/sim/sim_world.h"

namespace fracas::controller {

// Looks at a simulated run while it goes on, ten times a second of its time, where the experiment asks for that:
// whether what clients saw contradicts a check, what the probes of the workload say, and what aborts the run. All
// references outlive it.
class SimWatch {
 public:
  enum class End { none, found, aborted, refused };  // as the causes of Abort

  struct Run {
    const model::Experiment& experiment;
    const Timeline& timeline;
    SimWorld& world;
    const SimLoad& load;
    SimInjector& injector;
  };
  // The warm-up begins now.
  explicit SimWatch(const Run& run);

  // Lets time pass until then, or until the run must end.
  End pass(Duration end);

  // Why it must end.
  const std::string& reason() const { return reason_; }
  std::vector<ProbeRecord> take_probes() { return std::move(records_); }

 private:
  struct Looking {
    WorkloadGoals goals;
    std::size_t record = 0;
    std::vector<PlannedMeasurement> plan;
    std::size_t next = 0;
  };
  End look();
  End look_at_checks();
  End look_at_probe(Looking& looking);
  End must_end(End how, std::string reason);

  Run run_;
  Duration begin_;
  std::unique_ptr<LiveCheck> live_;  // null: nothing asks, or it found something
  AbortRules rules_;
  std::vector<ProbeRecord> records_;
  std::vector<Looking> probes_;
  WorkloadMeter meter_;
  std::string reason_;
};

}  // namespace fracas::controller
