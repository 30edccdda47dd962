#pragma once
#include <functional>
#include <memory>
#include <string>

#include "lib/base/result.h"

namespace fracas::agent {

// Answers GET /metrics to whoever can reach its address, by HTTP without TLS: it tells numbers and the names of kinds
// of faults. GET /healthz answers "ok". One connection is served at a time, by one thread, and each is closed after its
// answer, so that strangers cost the agent no more than that.
class MetricsServer {
 public:
  // `listen` is "HOST:PORT"; port 0 is any free one. `text` is called from threads of the server, and outlives it.
  // REQUIRES: signals are blocked. ERRORS: EINVAL the address; it cannot be listened on.
  static Result<std::unique_ptr<MetricsServer>> start(const std::string& listen, std::function<std::string()> text);
  virtual ~MetricsServer() = default;

  virtual int port() const = 0;
};

}  // namespace fracas::agent
