#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "controller/serve/server.h"
#include "lib/base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace fracas::controller {

// Certificate and key of the server, and, with a client CA, clients' certificates: who sends none may still have a
// token; one that is wrong, expired or another authority's ends the connection, and is a refusal in the audit log.
//
// The files are looked at for every connection, and what is new in them holds from that one on. What cannot be used (a
// certificate whose key is not there yet) changes nothing, and is said once in the log. Thread: any.
class ServerTls {
 public:
  // The gatekeeper outlives this.
  ServerTls(ServerOptions options, Gatekeeper& gatekeeper) : options_(std::move(options)), gatekeeper_(gatekeeper) {}
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  // Makes all connections of that context follow the files. This outlives the context. ERRORS: a file that cannot be
  // used.
  Status follow(ssl_ctx_st& context);

  // What a connection that begins now is to use; null: what follow() read at first.
  std::shared_ptr<ssl_ctx_st> current();

 private:
  Status set_up(ssl_ctx_st& context) const;
  Result<std::shared_ptr<ssl_ctx_st>> load() const;
  std::string stamps() const;

  const ServerOptions options_;
  Gatekeeper& gatekeeper_;
  std::mutex mutex_;  // guards everything below
  std::shared_ptr<ssl_ctx_st> current_;
  std::string seen_;  // the files' stamps when they were read
};

// The common name of a connection's client certificate, which TLS has verified and which has not expired since; ""
// without one or without TLS.
std::string certified_name(const ssl_st* connection);

}  // namespace fracas::controller
