#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "targets/node/shell/channel.h"
#include "targets/node/shell/peer_link.h"
#include "targets/node/shell/poller.h"
#include "targets/node/wire/greeting.h"

namespace fracas::node {

// CLOCK_MONOTONIC, now.
Duration monotonic_now();

// What a member does with what arrives: its state machine, its disk. Called by a ServerLoop, on its thread.
class Service {
 public:
  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  virtual ~Service() = default;

  // At the beginning of each turn, before anything that arrived: a member that was frozen must notice before it looks
  // at what piled up. At least every 10 ms. `now`: CLOCK_MONOTONIC.
  virtual void tick(Duration now) = 0;
  // A payload of another member. False: it is none of the protocol; the connection is closed.
  virtual bool receive(const std::string& peer, std::string_view payload) = 0;
  // A payload of a client, over a connection that has this number; the same for ServerLoop::answer.
  virtual bool ask(std::uint64_t connection, std::string_view payload) = 0;
  // At the end of each turn: lets out what gathered (ServerLoop::flush) and writes what is to be written.
  // ERRORS: the member must end.
  virtual Status settle() = 0;
};

struct ServerLoopOptions {
  std::string self;
  Address listen;
  std::map<std::string, PeerAddress> peers;
  std::string resolver;  // DNS servers for peers that are named, as Resolver::open takes them
};

// Everything about a member of a bundled store that is sockets: it listens, dials the others, says hello, and turns
// frames into calls of a Service. One thread, one loop.
class ServerLoop {
 public:
  // Listens. Takes SIGTERM and SIGINT over. ERRORS: the socket's.
  static Result<ServerLoop> open(ServerLoopOptions options);

  // Serves until SIGTERM or SIGINT. ERRORS: the service's.
  Status run(Service& service);

  // Gathers; `flush` lets everything out. What cannot be sent is dropped.
  void send(std::string_view peer, std::string_view payload);
  void answer(std::uint64_t connection, std::string_view payload);
  void flush();

 private:
  // A connection somebody dialled.
  struct Inbound {
    Channel channel;
    Duration heard_at{};
    std::optional<Hello> hello;
    bool want_write = false;
  };

  ServerLoop(ServerLoopOptions options, Poller poller, os::UniqueFd listener)
      : options_(std::move(options)), poller_(std::move(poller)), listener_(std::move(listener)) {}
  Status start();
  Result<bool> turn(Service& service);
  void handle(const Poller::Ready& ready, Service& service);
  void accept_all();
  void receive(std::uint64_t id, Service& service);
  bool take(std::uint64_t id, Inbound& inbound, std::string_view payload, Service& service);
  bool greet(std::uint64_t id, Inbound& inbound, Hello hello);
  void flush_inbound();
  void close_silent();

  ServerLoopOptions options_;
  Poller poller_;
  os::UniqueFd listener_;
  os::UniqueFd timer_;
  os::UniqueFd signals_;
  Duration now_{};
  std::unique_ptr<Resolver> resolver_;  // while a peer is named
  std::vector<PeerLink> links_;
  std::map<std::uint64_t, Inbound> inbound_;
  std::uint64_t next_inbound_ = 1U << 20U;
};

}  // namespace fracas::node
