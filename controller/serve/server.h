#pragma once
#include <functional>
#include <memory>
#include <string>

#include "controller/serve/api.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 7070;            // 0: any free one
  std::string certificate{};  // PEM files, which may be replaced meanwhile; empty: no TLS
  std::string key{};
  std::string client_ca{};  // whose certificates are users' proofs; empty: tokens only
};

// The HTTP library behind one door: listening, TLS, and requests turned into ours. Bounds: a body of 1 MiB, a line of
// a header of 8 KiB, kStreamsMax event streams at once, five seconds to send a request.
class Server {
 public:
  static constexpr std::size_t kBodyMax = std::size_t{1} << 20;
  static constexpr int kStreamsMax = 64;
  static constexpr int kThreads = 96;  // one serves a stream, or a connection as long as it is kept open

  // Everything outlives the server. ERRORS: a certificate or key cannot be read; the port is taken.
  static Result<std::unique_ptr<Server>> open(const ServerOptions& options, const Api& api, Gatekeeper& gatekeeper);
  virtual ~Server() = default;

  virtual int port() const = 0;
  virtual int streams() const = 0;  // open event streams
  // Answers until stop() is called, from any thread.
  virtual void serve() = 0;
  virtual void stop() = 0;
};

}  // namespace fracas::controller
