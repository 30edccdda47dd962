#pragma once
#include <functional>
#include <optional>
#include <string_view>

#include "controller/serve/gatekeeper.h"
#include "controller/serve/http.h"

namespace fracas::controller {

// Every request of the controller: the page's files for anybody, else who may, then the endpoint's handler. Thread:
// any.
class Api {
 public:
  // REQUIRES: a handler for every endpoint of lib/model/api.proto. The gatekeeper outlives this.
  // `answered` is told of each request: the endpoint's rpc, or "none", the status, and the seconds it took.
  using Answered = std::function<void(std::string_view, int, double)>;
  Api(Gatekeeper& gatekeeper, Handlers handlers, Answered answered);

  // Who is asked before a handler, or the page (a null route), whether somebody else answers. Call before any answer.
  using Elsewhere = std::function<std::optional<Response>(const Request&, const Route*)>;
  void ask_first(Elsewhere elsewhere) { elsewhere_ = std::move(elsewhere); }

  Response answer(Request request, const Proof& proof) const;

 private:
  Response handle(const Route& route, const Request& request) const;

  Gatekeeper& gatekeeper_;
  Handlers handlers_;
  Answered answered_;
  Elsewhere elsewhere_ = [](const Request&, const Route*) { return std::nullopt; };
};

}  // namespace fracas::controller
