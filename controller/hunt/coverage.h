#pragma once
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "lib/model/effect.h"
#include "lib/model/node_event.h"

namespace fracas::controller {

// What a run put to the test: for each fault that began, what the node it hit was at that moment and what the cluster
// was doing: "process.kill/leader/steady", "net.partition/candidate/electing". And which kinds of faults acted on one
// host at the same time: "disk.delay+process.kill".
using Coverage = std::set<std::string>;

// `events` of all nodes together, by time.
Coverage coverage_of(std::span<const model::FaultWindow> faults, std::span<const model::NodeEvent> events);

}  // namespace fracas::controller
