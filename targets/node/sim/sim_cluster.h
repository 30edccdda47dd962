#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sim/network.h"
#include "lib/sim/scheduler.h"
#include "targets/node/sim/sim_node.h"

namespace fracas::node {

struct SimClusterOptions {
  std::vector<std::string> nodes;  // names; the hosts 0, 1, …
  bool fsync = true;
  std::uint64_t seed = 1;
  std::int64_t begin_ns = 0;  // CLOCK_BOOTTIME of the world's beginning in events
};

// All members of one simulated cluster, joined by a network whose last host is the clients'.
class SimCluster {
 public:
  // The program of the member with that index into `nodes`.
  using ProgramOf = std::function<SimProgram(std::size_t index)>;
  SimCluster(sim::Scheduler& scheduler, sim::Network& network, const SimClusterOptions& options,
             const ProgramOf& program_of);

  // ERRORS: as SimNode::start.
  Status start();

  std::size_t size() const { return nodes_.size(); }
  SimNode& node(std::size_t index) { return *nodes_[index]; }
  const SimNode& node(std::size_t index) const { return *nodes_[index]; }
  const std::vector<std::string>& names() const { return names_; }
  // The indexes of all: 0, 1, ….
  std::vector<std::size_t> members() const;

  sim::HostIndex clients_host() const { return static_cast<sim::HostIndex>(nodes_.size()); }
  std::uint64_t next_connection() { return ++connections_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::uint64_t connections_ = 0;
};

}  // namespace fracas::node
