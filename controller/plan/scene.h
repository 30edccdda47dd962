#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/plan/peer_addresses.h"
#include "controller/plan/resolve.h"
#include "lib/base/random.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"

namespace fracas::model {
class FaultSpec;
class Injection;
}  // namespace fracas::model

namespace fracas::controller {

// What one occurrence of a fault is resolved from. Lives for one call of `resolve`.
struct Scene {
  const model::Experiment& experiment;
  const PlannedFault& fault;
  const model::FaultSpec& spec_now;  // as in the experiment, but for what a ramp changed
  const std::vector<std::string>& hosts;
  const Roles& roles;
  const std::map<std::string, HostAddresses>& addresses;
  const std::string& service;
  model::HostCounts counts;
  RandomStream random;

  const model::FaultSpec& spec() const { return spec_now; }
  // Draws from `random`. ERRORS: no such selection; nobody has the role.
  Result<std::set<std::string>> select(const std::string& text);
  // What is at the other end of the packets: the addresses that the fault names itself, or else those of the peers.
  // ERRORS: a peer has no known address.
  Result<PeerAddresses> other_end(const std::set<std::string>& peers) const;
};

// The fault as the user wrote it, with a scope that holds the seeds alone.
std::unique_ptr<model::Injection> injection_for(const Scene& scene, const std::string& host);

std::string joined(const std::set<std::string>& names);

// The kinds. Each in its group's file.
Result<ResolvedFault> resolve_partition(Scene& scene);
Result<ResolvedFault> resolve_loss(Scene& scene);
Result<ResolvedFault> resolve_delay(Scene& scene);
// All that act on the packets between their victims and the hosts of `to`: `what` begins the description, "20% loss".
// REQUIRES: the kind has a `to` and a `direction`.
Result<ResolvedFault> resolve_traffic(Scene& scene, const std::string& what);
// All that act on the target's processes, or on the host they run on: `what` begins the description, "freeze".
Result<ResolvedFault> resolve_service(Scene& scene, const std::string& what);

}  // namespace fracas::controller
