#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "controller/workload/client.h"
#include "controller/world/world.h"
#include "lib/base/result.h"

// The systems that can be broken: one TargetKind for each, all in controller/target/catalogue.cpp. A new one is a
// message in lib/model/experiment.proto (in the oneof of Target), a file here, a line there and an experiment.
namespace fracas::model {
class Experiment;
}  // namespace fracas::model

namespace fracas::controller {

// The system under test, serving on the nodes of a world. Its processes are services of the hosts' agents and end with
// the world.
class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  // Asks the nodes now, for at most some 200 ms: the host that leads, or the empty text where nobody does, or where
  // the system has no leader. Thread: any that is where clients are, or the runner's.
  virtual std::string ask_leader() const = 0;

  // Clients that wait `attempt_timeout` for one node before they ask another. They may outlive no part of the target.
  virtual ClientFactory client_factory(Duration attempt_timeout) const = 0;
};

struct TargetStart {
  World& world;
  const model::Experiment& experiment;  // whose target is of this kind
  std::uint64_t seed = 0;
  std::stop_token stopping;
};

struct TargetKind {
  std::string_view name;                    // as in TOML: "raft"
  std::vector<std::string_view> workloads;  // the kinds that its clients understand
  bool ipv6 = false;                        // it can use the hosts' IPv6 addresses (world.addresses)
  // What this machine lacks to run it: programs, with the Debian packages they come from. May be null: nothing.
  Status (*installed)() = nullptr;
  // Starts it on every host that is no spare and waits until it serves. ERRORS: which node did not come up, with the
  // end of its log; `stopping` was asked to stop (ECANCELED).
  Result<std::unique_ptr<Target>> (*start)(const TargetStart& start) = nullptr;
};

// Every kind of target, by name. Lives as long as the program.
std::span<const TargetKind* const> target_kinds();

// REQUIRES, also below: an experiment that was read, whose target therefore has a kind.
const TargetKind& target_kind(const model::Experiment& experiment);

// ERRORS: "target etcd: /usr/bin/etcd is missing: install the Debian package etcd-server".
Status installed(const model::Experiment& experiment);

}  // namespace fracas::controller
