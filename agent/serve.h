#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "agent/agent.h"
#include "lib/base/result.h"

namespace fracas::agent {

struct ServeOptions {
  AgentOptions agent;
  std::string listen;                           // "unix:PATH" or "HOST:PORT"
  std::filesystem::path certificate, key, ca;   // PEM files
  std::filesystem::path revoked;                // as RpcServerOptions
  std::string metrics;                          // "HOST:PORT" that answers Prometheus; empty: nobody does
  bool commands = false;                        // … also where it listens on TCP; on a Unix socket always
  std::optional<std::filesystem::path> policy;  // its file; nothing: the default one, if there is one
  int ready_fd = -1;                            // where "ready" is written once it serves; -1: stdout
};

// The agent's whole life: until SIGTERM or SIGINT, or until its controller `agent.exit_with` is gone and the lease has
// run out. Then everything is reverted and its services are ended. SIGUSR1 reverts all faults and goes on. ERRORS: it
// could not start. Thread: the program's first, before it has any other.
Status serve(ServeOptions options);

}  // namespace fracas::agent
