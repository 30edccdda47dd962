#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "lib/base/random.h"
#include "lib/sim/connection.h"
#include "targets/raft/core/message.h"

namespace fracas::raft {

// The connection over which a simulated member sends to another: dials, notices a dead connection and dials again, with
// the times of shell/peer_link.h. Messages that cannot be sent are dropped.
class SimLink {
 public:
  using Deliver = std::function<void(const Message& message)>;

  SimLink(sim::Scheduler& scheduler, sim::Network& network, const sim::Connection::Ends& ends,
          sim::Connection::Life server, Deliver deliver)
      : scheduler_(scheduler),
        network_(network),
        ends_(ends),
        server_(std::move(server)),
        deliver_(std::make_shared<Deliver>(std::move(deliver))),
        random_(ends.number, "raft/sim/link") {}

  void send(const Message& message);
  // Call every 10 ms or so while the process runs.
  void tick();
  // The process at this end died.
  void close();
  bool is_open() const { return connection_ && connection_->is_open(); }
  std::uint64_t number() const { return ends_.number; }
  // A fault cuts the connection. REQUIRES: is_open().
  void reset() { connection_->reset(); }

 private:
  void dial();
  void drop();

  sim::Scheduler& scheduler_;
  sim::Network& network_;
  sim::Connection::Ends ends_;
  sim::Connection::Life server_;
  std::shared_ptr<Deliver> deliver_;
  RandomStream random_;
  std::shared_ptr<sim::Connection> connection_;
  bool dialling_ = false;
  int attempts_ = 0;  // since the last connection that worked
  Duration dial_at_{};
  Duration give_up_at_{};
};

}  // namespace fracas::raft
