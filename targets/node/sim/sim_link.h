#pragma once
#include <cstddef>
#include <cstdint>

#include "lib/base/random.h"
#include "lib/sim/connection.h"

namespace fracas::node {

class SimNode;
class SimProcess;

// The connection over which a simulated member sends to another: dials, notices a dead connection and dials again, with
// the times of shell/peer_link.h. Messages that cannot be sent are dropped.
class SimLink {
 public:
  using Arrival = sim::InlineFunction<void(SimProcess& receiver), 112>;

  // `owner` sends, `peer` is the member at the other end; both outlive the link.
  SimLink(sim::Scheduler& scheduler, sim::Network& network, const sim::Connection::Ends& ends, SimNode& owner,
          SimNode& peer);

  // `arrive(SimProcess& receiver)` runs in the peer's process, when it runs, and fits into an Arrival. `bytes`: how
  // long the segment is. Defined in sim_node.h.
  template <typename Arrive>
  void send(std::size_t bytes, Arrive&& arrive);
  // Call every 10 ms or so while the process runs. True: it is connected and waits for nothing, and needs no more ticks
  // until it asks its owner for them, with SimNode::stirred().
  bool tick();
  // Something happened to the connection that a tick should look at.
  void stir();
  // The process at this end died.
  void close();
  bool is_open() const { return connection_ && connection_->is_open(); }
  std::uint64_t number() const { return ends_.number; }
  // A fault cuts the connection. REQUIRES: is_open().
  void reset();

 private:
  void look();
  void dial();
  void drop();

  sim::Scheduler& scheduler_;
  sim::Network& network_;
  sim::Connection::Ends ends_;
  SimNode& owner_;
  SimNode& peer_;
  RandomStream random_;
  sim::Local<sim::Connection> connection_;
  bool stirred_ = false;  // its owner knows that it needs ticks
  bool dialling_ = false;
  int attempts_ = 0;  // since the last connection that worked
  Duration dial_at_{};
  Duration give_up_at_{};
};

}  // namespace fracas::node
