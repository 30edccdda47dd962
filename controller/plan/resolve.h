#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/plan/timeline.h"

namespace fracas::model {
class Injection;
}

namespace fracas::controller {

// What the planner must know of the hosts of a world.
struct HostAddresses {
  std::string ipv4;
  std::string ipv6;
};

// A planned fault made concrete: what each host's agent is told. A host without work is absent.
struct ResolvedFault {
  std::string description;  // "n1 n3 | n2 n4 n5"
  std::vector<std::string> victims;
  std::map<std::string, std::unique_ptr<model::Injection>> injections;

  ResolvedFault();
  ResolvedFault(ResolvedFault&&) noexcept;
  ResolvedFault& operator=(ResolvedFault&&) noexcept;
  ~ResolvedFault();
  void add(const std::string& host, std::unique_ptr<model::Injection> injection);
};

// REQUIRES: `fault` is of a timeline made from `experiment`. `leader` is asked for only where the victims depend on it;
// pass the empty text if nobody leads. `service` is the name of the target's process on every node.
// ERRORS: nobody leads; the shape is impossible for these victims; a host without a known address.
Result<ResolvedFault> resolve(const model::Experiment& experiment, const PlannedFault& fault,
                              const std::vector<std::string>& hosts, const std::string& leader,
                              const std::map<std::string, HostAddresses>& addresses, const std::string& service);

// True if `resolve` must be told who leads.
bool needs_leader(const model::Experiment& experiment, const PlannedFault& fault);

}  // namespace fracas::controller
