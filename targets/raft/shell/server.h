#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "targets/raft/core/raft.h"
#include "targets/raft/shell/channel.h"
#include "targets/raft/shell/event_file.h"
#include "targets/raft/shell/peer_link.h"
#include "targets/raft/shell/poller.h"
#include "targets/raft/shell/wal.h"

namespace fracas::raft {

struct ServerOptions {
  Options raft;
  Address listen;
  std::map<NodeId, PeerAddress> peers;  // the same members as raft.peers
  std::string resolver;                 // DNS servers for peers that are named, as Resolver::open takes them
  std::filesystem::path data;           // the write-ahead log's folder
  std::filesystem::path events;         // the node events' file
  bool fsync = true;
};

// Runs one member: everything Raft decides becomes reads and writes here. One thread, one loop; a turn takes what
// arrived, lets Raft decide, and shares one fsync. Clocks: CLOCK_MONOTONIC for timers.
class Server {
 public:
  // Recovers, and listens. ERRORS: the disk's, the socket's.
  static Result<Server> open(ServerOptions options);

  // Serves until SIGTERM or SIGINT, which it takes over. ERRORS: the disk failed: what was promised is in doubt, so
  // the process must end.
  fracas::Status run();

 private:
  // A connection somebody dialled.
  struct Inbound {
    Channel channel;
    Duration heard_at{};
    std::optional<Hello> hello;
    bool want_write = false;
  };
  struct Waiting {
    std::uint64_t inbound = 0;  // the connection that asked
    std::uint64_t id = 0;       // its name for the request
  };

  Server(ServerOptions options, Wal wal, Raft raft, EventFile events, Poller poller, UniqueFd listener);
  fracas::Status start();
  Result<bool> turn();
  void handle(const Poller::Ready& ready);
  void accept_all();
  void receive(std::uint64_t id);
  bool take(std::uint64_t id, Inbound& inbound, Payload payload);
  bool greet(std::uint64_t id, Inbound& inbound, Hello hello);
  void ask(std::uint64_t id, Inbound& inbound, ClientRequest request);
  void step(const Input& input);
  void perform(const Effect& effect);
  void reply(const Answer& answer);
  fracas::Status publish();
  fracas::Status persist();
  void flush_inbound();
  void close_silent();
  NodeStatus status() const;

  ServerOptions options_;
  Wal wal_;
  Raft raft_;
  EventFile events_;
  Poller poller_;
  UniqueFd listener_;
  UniqueFd timer_;
  UniqueFd signals_;
  Duration now_{};
  std::unique_ptr<Resolver> resolver_;  // while a peer is named
  std::vector<PeerLink> links_;
  std::map<std::uint64_t, Inbound> inbound_;
  std::map<RequestId, Waiting> waiting_;
  std::vector<Record> records_;  // to be written
  std::uint64_t sequence_ = 0;   // of the last of them
  std::uint64_t next_inbound_ = 0;
  RequestId next_request_ = 0;
};

}  // namespace fracas::raft
