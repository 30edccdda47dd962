#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "agent/agent.h"
#include "lib/base/result.h"

namespace fracas::agent {

class CallCounter;

struct RpcServerOptions {
  std::string listen;  // "unix:PATH" or "HOST:PORT"
  // PEM files, certificate and key maybe in one. They are looked at every second, and what is new in them holds for
  // connections made from then on; replace each in one step.
  std::filesystem::path certificate, key, ca;
  std::filesystem::path revoked;  // the authority's list of revoked certificates; empty: none
  bool commands = true;           // controllers may start services, which are programs of their choice
};

// Serves lib/model/agent.proto over gRPC with mutual TLS: clients must show a certificate of `ca` whose common name is
// "fracas-controller", or "fracas-controller:USER", that has not expired and is not revoked; at each call. Handlers run
// on gRPC's own threads and may block.
class RpcServer {
 public:
  // REQUIRES: `agent` outlives it; signals are blocked. ERRORS: unreadable certificates, an address that is taken.
  static Result<std::unique_ptr<RpcServer>> start(Agent& agent, const RpcServerOptions& options);
  ~RpcServer();

  // Of the calls since it was started. Lives as long as the server.
  const CallCounter& calls() const;
  // No new calls; those under way get half a second.
  void stop();

 private:
  struct Inside;
  explicit RpcServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace fracas::agent
