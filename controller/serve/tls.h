#pragma once
#include <string>

#include "controller/serve/server.h"

struct ssl_ctx_st;
struct ssl_st;

namespace fracas::controller {

// Certificate and key of the server, and, with a client CA, clients' certificates: who sends none may still have a
// token; one that is wrong, expired or another authority's ends the connection, and is a refusal in the audit log.
// False if a file cannot be read. The gatekeeper outlives the context.
bool set_up_tls(ssl_ctx_st& context, const ServerOptions& options, Gatekeeper& gatekeeper);

// The common name of a connection's client certificate, which TLS has verified; "" without one or without TLS.
std::string certified_name(const ssl_st* connection);

}  // namespace fracas::controller
