#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "targets/node/shell/server_loop.h"
#include "targets/raft/core/raft.h"
#include "targets/raft/shell/event_file.h"
#include "targets/raft/shell/wal.h"
#include "targets/raft/wire/codec.h"

namespace fracas::raft {

struct ServerOptions {
  Options raft;
  node::Address listen;
  std::map<NodeId, node::PeerAddress> peers;  // the same members as raft.peers
  std::string resolver;                       // DNS servers for peers that are named, as Resolver::open takes them
  std::filesystem::path data;                 // the write-ahead log's folder
  std::filesystem::path events;               // the node events' file
  bool fsync = true;
};

// Runs one member: everything Raft decides becomes reads and writes here. One thread; a turn takes what arrived, lets
// Raft decide, and shares one fsync. Clocks: CLOCK_MONOTONIC for timers.
class Server final : private node::Service {
 public:
  // Recovers, and listens. ERRORS: the disk's, the socket's.
  static Result<std::unique_ptr<Server>> open(ServerOptions options);

  // Serves until SIGTERM or SIGINT, which it takes over. ERRORS: the disk failed: what was promised is in doubt, so
  // the process must end.
  fracas::Status run() { return loop_.run(*this); }

 private:
  struct Waiting {
    std::uint64_t connection = 0;  // that asked
    std::uint64_t id = 0;          // its name for the request
  };

  Server(Wal wal, Raft raft, EventFile events, node::ServerLoop loop, ReadMode reads);
  void tick(Duration now) override { step(Tick{now}); }
  bool receive(const std::string& peer, std::string_view payload) override;
  bool ask(std::uint64_t connection, std::string_view payload) override;
  fracas::Status settle() override;

  void step(Input input);
  void perform(Effect& effect);
  void reply(const Answer& answer);
  fracas::Status publish();
  NodeStatus status() const;

  Wal wal_;
  Raft raft_;
  EventFile events_;
  node::ServerLoop loop_;
  ReadMode reads_;
  std::map<RequestId, Waiting> waiting_;
  std::map<NodeId, AppendRequest> unsent_;  // by member: what later appends of this turn may be added to
  std::vector<Record> records_;             // to be written
  std::uint64_t sequence_ = 0;              // of the last of them
  RequestId next_request_ = 0;
};

}  // namespace fracas::raft
