#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/plan/timeline.h"
#include "controller/plan/victims.h"

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

// REQUIRES: `fault` is of a timeline made from `experiment`. Of `roles` only those count that the victims depend on.
// `service` is the name of the target's process on every node.
// ERRORS: nobody has the role; the shape is impossible for these victims; a host without a known address.
Result<ResolvedFault> resolve(const model::Experiment& experiment, const PlannedFault& fault,
                              const std::vector<std::string>& hosts, const Roles& roles,
                              const std::map<std::string, HostAddresses>& addresses, const std::string& service);

// Between which hosts a network fault acts: packets from the first to the second. By host; empty for other faults, and where they are more
// than a drawing shows (10,000).
std::vector<std::pair<std::string, std::string>> links_of(const ResolvedFault& fault,
                                                          const std::map<std::string, HostAddresses>& addresses);

// True if `resolve` must be told who has a role.
bool needs_roles(const model::Experiment& experiment, const PlannedFault& fault);
// True if `roles` says all that `resolve` must be told.
bool roles_known(const model::Experiment& experiment, const PlannedFault& fault, const Roles& roles);

}  // namespace fracas::controller
