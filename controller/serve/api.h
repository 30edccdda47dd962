#pragma once
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

  Response answer(Request request, const Proof& proof) const;

 private:
  Gatekeeper& gatekeeper_;
  Handlers handlers_;
  Answered answered_;
};

}  // namespace fracas::controller
