#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/net_flows.h"

namespace fracas::model {
class Injection;
class ProcessSelector;
}  // namespace fracas::model

// What a fault's message says of ports, paths and processes, whichever kind it is: found by the names and types of its
// fields, so that a new kind is under the policy from its first day. Pure.
namespace fracas::agent {

struct PortClaim {
  bool packets = false;                 // it acts on packets between hosts, so ports matter
  bool transport = true;                // TCP or UDP are among them
  std::vector<model::PortRange> ports;  // empty: all
};

// REQUIRES: the kind's check has passed. Fields: NetFlows, and texts called "ports".
PortClaim ports_of(const model::Injection& injection);

// The values of text fields called "path" or "paths", or ending in "_path", as written.
std::vector<std::filesystem::path> paths_of(const model::Injection& injection);

// Whether the switch called "system" is on: it acts on the machine's clock, not on a service's.
bool acts_on_system_clock(const model::Injection& injection);

// Its `processes`, and the `senders` of its packets; null where they are not written. Borrowed from the injection.
const model::ProcessSelector* processes_in(const model::Injection& injection);
const model::ProcessSelector* senders_in(const model::Injection& injection);

}  // namespace fracas::agent
