#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "lib/sim/network.h"
#include "lib/sim/scheduler.h"
#include "lib/sim/stream.h"

namespace fracas::sim {

// A TCP connection from a client's process to a server's: a handshake, then a stream in either direction. It breaks
// when a process at one end dies, when it is reset, and when its owner closes it. The owner lives at the client's end.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // The life of the process that listens there: another number after each start; 0 = nobody listens.
  using Life = std::function<std::uint64_t()>;
  // `corrupted`: what arrives is not what was sent.
  using Arrival = InlineFunction<void(bool corrupted), 120>;
  struct Ends {
    HostIndex client = 0;
    HostIndex server = 0;
    std::uint64_t number = 0;  // unique in the world
  };

  Connection(Scheduler& scheduler, Network& network, const Ends& ends, Life server);

  // `opened(true)` once the server accepted, `opened(false)` when nobody listens; never called where packets are lost
  // for good, or after close().
  void open(std::function<void(bool accepted)> opened);
  // From the client to the server. `arrive` runs at the server, unless its process is not the one connected to.
  void ask(std::size_t bytes, Arrival arrive);
  // From the server to the client.
  void answer(std::size_t bytes, Arrival arrive);
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
  std::shared_ptr<Stream> forth_;
  std::shared_ptr<Stream> back_;
};

}  // namespace fracas::sim
