#pragma once
#include <optional>
#include <string>

#include "controller/serve/http.h"
#include "controller/serve/refusals.h"
#include "controller/serve/routes.h"

namespace fracas::controller {

class Database;

// How somebody proves who they are. Empty texts: not at all.
struct Proof {
  std::string bearer{};       // of `Authorization: Bearer TOKEN`
  std::string cookie{};       // the token in the cookie that /login set
  std::string certificate{};  // common name of a client certificate that TLS has verified
  bool own_page = false;      // header `X-Fracas: 1`, which other sites' pages cannot send
};

inline constexpr const char* kCookieName = "fracas_token";

// Finds the endpoint of a request, and whether its sender may call it. Every refusal is written to the audit log.
// Thread: any.
class Gatekeeper {
 public:
  explicit Gatekeeper(Database& database) : database_(database) {}

  // Fills in `request.who` and `request.parts`; the route, or the refusal to send.
  tl::expected<const Route*, Response> admit(Request& request, const Proof& proof);

  // Writes a refusal made elsewhere (a body too large, a wrong token at /login) to the audit log; the answer to send.
  Response refuse(const Request& request, Response response);

 private:
  Result<std::optional<User>> identify(const Proof& proof);
  std::string who_is_missing();

  Database& database_;
  Refusals refusals_;
};

}  // namespace fracas::controller
