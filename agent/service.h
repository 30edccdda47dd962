#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "agent/agent.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct RpcServerOptions {
  std::string listen;                          // "unix:PATH" or "HOST:PORT"
  std::filesystem::path certificate, key, ca;  // PEM files
};

// Serves lib/model/agent.proto over gRPC with mutual TLS: clients must show a certificate of `ca` whose common name is
// "fracas-controller". Handlers run on gRPC's own threads and may block.
class RpcServer {
 public:
  // REQUIRES: `agent` outlives it; signals are blocked. ERRORS: unreadable certificates, an address that is taken.
  static Result<std::unique_ptr<RpcServer>> start(Agent& agent, const RpcServerOptions& options);
  ~RpcServer();

  // No new calls; those under way get half a second.
  void stop();

 private:
  struct Inside;
  explicit RpcServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace fracas::agent
