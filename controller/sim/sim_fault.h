#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "controller/sim/sim_world.h"
#include "lib/base/random.h"
#include "lib/model/effect.h"

namespace fracas::model {
class FaultSpec;
class Injection;
class Scope;
}  // namespace fracas::model

namespace fracas::controller {

// One fault on one simulated host, doing there what the agent's mechanism does on a real one, with the same counters.
// stop() is called exactly once, at the window's end, and undoes everything.
class SimFault {
 public:
  SimFault() = default;
  SimFault(const SimFault&) = delete;
  SimFault& operator=(const SimFault&) = delete;
  virtual ~SimFault() = default;

  virtual void start() = 0;
  virtual void stop() = 0;
  const model::EffectCounters& counters() const { return counters_; }

 protected:
  void affected(SimWorld& world, std::uint64_t bytes = 0);
  void matched() { ++counters_.matched; }

 private:
  model::EffectCounters counters_;
};

// What a fault acts on. The references outlive the fault.
struct SimVictim {
  SimWorld& world;
  sim::HostIndex host = 0;
  const model::Injection& injection;
  std::uint64_t id = 0;  // unique in the world

  node::SimNode& node() const { return world.cluster().node(host); }
  // The fault's own random stream on this host.
  RandomStream random(const char* purpose) const;
};

// Ready to start. REQUIRES: refusal() is empty for its spec.
std::unique_ptr<SimFault> make_sim_fault(const SimVictim& victim);

// Why the simulated world cannot do this fault, in a sentence; empty: it can.
std::string sim_refusal(const model::FaultSpec& spec);

// The groups, each in its file. Null: of another group.
std::unique_ptr<SimFault> make_net_fault(const SimVictim& victim);
std::unique_ptr<SimFault> make_process_fault(const SimVictim& victim);
std::unique_ptr<SimFault> make_clock_fault(const SimVictim& victim);
std::unique_ptr<SimFault> make_disk_fault(const SimVictim& victim);

}  // namespace fracas::controller
