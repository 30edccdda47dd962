#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "lib/sim/local_ptr.h"
#include "lib/sim/network.h"
#include "lib/sim/scheduler.h"
#include "lib/sim/stream.h"

namespace fracas::sim {

// A TCP connection from a client's process to a server's: a handshake, then a stream in either direction. It breaks
// when a process at one end dies, when it is reset, and when its owner closes it. The owner lives at the client's end.
class Connection : public FromLocal<Connection> {
 public:
  // The life of the process that listens there: another number after each start; 0 = nobody listens.
  using Life = std::function<std::uint64_t()>;
  struct Ends {
    HostIndex client = 0;
    HostIndex server = 0;
    std::uint64_t number = 0;  // unique in the world
  };

  Connection(Scheduler& scheduler, Network& network, const Ends& ends, Life server);

  // `opened(true)` once the server accepted, `opened(false)` when nobody listens; never called where packets are lost
  // for good, or after close().
  void open(std::function<void(bool accepted)> opened);
  // From the client to the server. `arrive(Connection&, bool corrupted)` runs at the server, unless its process is not
  // the one connected to. `corrupted`: what arrives is not what was sent.
  template <typename Arrive>
  void ask(std::size_t bytes, Arrive&& arrive) {
    forth_->send(bytes, [self = weak_from_this(), arrive = std::forward<Arrive>(arrive)](bool corrupted) mutable {
      const auto connection = self.lock();
      if (connection && connection->server_() == connection->life_) arrive(*connection, corrupted);
    });
  }
  // From the server to the client, where `arrive(bool corrupted)` runs.
  template <typename Arrive>
  void answer(std::size_t bytes, Arrive&& arrive) {
    back_->send(bytes, std::forward<Arrive>(arrive));
  }
  void close();

  bool is_open() const { return open_ && !broken(); }
  // True once the client can know that it is of no use any more.
  bool broken() const;
  // Since when the client waits for the network to take over its oldest bytes; Duration::max() = it does not.
  Duration waiting_since() const { return forth_->waiting_since(); }
  // A fault cuts it, as a reset does.
  void reset();
  const Ends& ends() const { return ends_; }

 private:
  void accepted(const std::function<void(bool accepted)>& opened);

  Scheduler& scheduler_;
  Ends ends_;
  Life server_;
  std::uint64_t life_ = 0;
  bool open_ = false;
  bool reset_ = false;
  Local<Stream> forth_;
  Local<Stream> back_;
};

}  // namespace fracas::sim
