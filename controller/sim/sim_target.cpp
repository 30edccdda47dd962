#include "controller/sim/sim_target.h"

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {

std::vector<std::size_t> nodes_asked(const ClientSeat& seat, const node::SimCluster& cluster) {
  std::vector<std::size_t> nodes = cluster.members();
  std::erase_if(nodes, [&](std::size_t node) { return !seat.may_ask(cluster.names()[node]); });
  return nodes;
}

std::unique_ptr<SimTarget> make_sim_target(const SimRoom& room) {
  ensure(can_simulate_target(room.experiment), "a target that is not simulated is refused before the run");
  return room.experiment.target().has_quorum() ? make_quorum_sim_target(room) : make_raft_sim_target(room);
}

bool can_simulate_target(const model::Experiment& experiment) {
  return experiment.target().has_raft() || experiment.target().has_quorum();
}

}  // namespace fracas::controller
