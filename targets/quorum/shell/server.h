#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "targets/node/shell/log_file.h"
#include "targets/node/shell/server_loop.h"
#include "targets/quorum/core/replica.h"
#include "targets/quorum/wire/codec.h"

namespace fracas::quorum {

struct ServerOptions {
  Options quorum;
  node::Address listen;
  std::map<std::string, node::PeerAddress> peers;  // the other members
  std::filesystem::path data;                      // the journal's folder
  bool fsync = true;
};

// Runs one member: everything the state machine decides becomes reads and writes here. One thread; a turn takes what
// arrived, lets the state machine decide, and shares one fsync. Clocks: CLOCK_MONOTONIC for timers, CLOCK_REALTIME for
// stamps.
class Server final : private node::Service {
 public:
  // Recovers, and listens. ERRORS: the disk's, the socket's.
  static Result<std::unique_ptr<Server>> open(ServerOptions options);

  // Serves until SIGTERM or SIGINT, which it takes over. ERRORS: the disk failed: what was promised is in doubt, so
  // the process must end.
  Status run() { return loop_.run(*this); }

 private:
  struct Waiting {
    std::uint64_t connection = 0;  // that asked
    std::uint64_t id = 0;          // its name for the request
  };

  Server(Options options, Recovered recovered, node::LogFile journal, node::ServerLoop loop);
  void tick(Duration) override { step(Tick{}); }
  bool receive(const std::string& peer, std::string_view payload) override;
  bool ask(std::uint64_t connection, std::string_view payload) override;
  Status settle() override;

  void step(const Input& input);
  void perform(const Effect& effect);
  Status write_records();
  NodeStatus status() const;

  std::vector<std::string> members_;
  Replica replica_;
  node::LogFile journal_;
  node::ServerLoop loop_;
  std::map<RequestId, Waiting> waiting_;
  std::vector<Record> records_;  // to be written
  std::uint64_t sequence_ = 0;   // of the last of them
  RequestId next_request_ = 0;
};

}  // namespace fracas::quorum
