#pragma once
#include <string>

#include "controller/serve/gatekeeper.h"
#include "controller/serve/http.h"

namespace fracas::controller {

class Database;

// Requests that are sent again. One that changes something and carries `Idempotency-Key: KEY` is done once, however
// often its user sends it: the same request gets the first one's answer, with the header `Idempotency-Replayed: true`
// and an entry in the audit log; another request with that key is refused with 422, and one that comes while the first
// is at work with 409. A request that was refused has done nothing: its key is free again.
// Source: IETF draft-ietf-httpapi-idempotency-key-header. Thread: any.
class Repeats {
 public:
  static constexpr std::size_t kKeyMax = 200;  // visible ASCII characters

  // Both outlive this.
  Repeats(Database& database, Gatekeeper& gatekeeper) : database_(database), gatekeeper_(gatekeeper) {}

  // REQUIRES: the gatekeeper has admitted it, and its sender is known.
  Response answer(const Request& request, const Handler& handler);

 private:
  Response first(const Request& request, const Handler& handler);

  Database& database_;
  Gatekeeper& gatekeeper_;
};

// The handlers, each done once for a key where it changes something and its sender is known.
Handlers done_once(Repeats& repeats, Handlers handlers);

}  // namespace fracas::controller
