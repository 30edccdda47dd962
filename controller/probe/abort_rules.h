#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/probe/measurement.h"
#include "controller/probe/workload_meter.h"

namespace fracas::model {
class Experiment;
}

namespace fracas::controller {

// What ends the faults of a run before their time: safety.abort_when. Pure. Thread: one at a time.
class AbortRules {
 public:
  explicit AbortRules(const model::Experiment& experiment);

  bool looks_at_workload() const { return !workload_.empty(); }
  // The longest time that a condition looks back at.
  Duration memory() const;

  // A probe was measured. Why the run must end, if it must: "probe health failed 3 times in a row: no answer in time".
  std::optional<std::string> measured(const std::string& probe, const Measurement& measurement);
  // The clients' answers so far. "ok-rate < 50% over 5s: ok-rate 31% of 812 operations".
  std::optional<std::string> look(const WorkloadMeter& meter, std::int64_t now_ns) const;

 private:
  struct Row {
    std::uint32_t most = 1;
    std::uint32_t failures = 0;
  };
  struct Condition {
    std::string text;
    WorkloadGoals goals;
  };
  std::map<std::string, Row> probes_;  // that it depends on, by name
  std::vector<Condition> workload_;
};

}  // namespace fracas::controller
