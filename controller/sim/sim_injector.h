#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/plan/resolve.h"
#include "controller/plan/timeline.h"
#include "controller/plan/victims_bound.h"
#include "controller/run/happenings.h"
#include "controller/run/role_history.h"
#include "controller/sim/sim_fault.h"
#include "controller/sim/sim_world.h"
#include "lib/model/effect.h"

namespace fracas::controller {

// Injects the faults of a timeline into a simulated world, each at its moment: resolved as for a real world, with who
// leads at that moment. References must outlive it, and time may pass in the world only while it exists.
class SimInjector {
 public:
  // The fault phase begins at that moment of virtual time.
  SimInjector(const model::Experiment& experiment, const Timeline& timeline, SimWorld& world, Duration faults_begin);

  // Something happened that faults may wait for.
  void happen(Happening happening) { happenings_.publish(std::move(happening)); }
  // Ends what is still acting.
  void heal();
  // What the faults did, by start. Call once they are over.
  std::vector<model::FaultWindow> take_windows();

 private:
  struct Occurrence {
    std::string kind;  // of a fault that acts; empty afterwards
    model::FaultWindow window;
    ResolvedFault resolved;
    std::vector<std::unique_ptr<SimFault>> faults;  // as resolved.victims
  };
  void look();
  Roles roles() const;
  void await(const PlannedFault& fault, Duration since);
  void begin(const PlannedFault& fault, Duration patience_end);
  void run(const PlannedFault& fault, ResolvedFault resolved);
  void end(Occurrence& occurrence);
  void publish(model::RunEventKind kind, const model::FaultWindow& window);
  void skip(const PlannedFault& fault, const std::string& why);
  model::FaultWindow window_of(const PlannedFault& fault) const;

  const model::Experiment& experiment_;
  const Timeline& timeline_;
  SimWorld& world_;
  Hits hits_;
  Happenings happenings_;
  RoleHistory history_;
  std::vector<std::size_t> read_;  // by node: of its events
  bool follows_ = false;           // the history is kept
  std::map<const PlannedFault*, Happening> triggers_;
  std::uint64_t next_id_ = 0;
  std::vector<std::unique_ptr<Occurrence>> occurrences_;
};

}  // namespace fracas::controller
