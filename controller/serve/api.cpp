#include "controller/serve/api.h"

#include "controller/page/assets.h"
#include "lib/base/ensure.h"
#include "lib/os/clock.h"

namespace fracas::controller {

namespace {

Response page_response(const PageAsset& asset) {
  Response response{.media = std::string(asset.type), .body = std::string(asset.body)};
  response.headers = {{"Content-Security-Policy", std::string(page_policy())}, {"Cache-Control", "no-cache"}};
  return response;
}

}  // namespace

Api::Api(Gatekeeper& gatekeeper, Handlers handlers, Answered answered)
    : gatekeeper_(gatekeeper), handlers_(std::move(handlers)), answered_(std::move(answered)) {
  for (const Route& route : routes()) ensure(handlers_.contains(route.name), "every endpoint has a handler");
}

Response Api::handle(const Route& route, const Request& request) const {
  auto other = elsewhere_(request, &route);
  return other ? *std::move(other) : handlers_.at(route.name)(request);
}

Response Api::answer(Request request, const Proof& proof) const {
  if (request.method == "HEAD") request.method = "GET";
  if (request.method == "GET")
    if (const PageAsset* asset = find_page_asset(request.path)) {
      auto other = elsewhere_(request, nullptr);
      return other ? *std::move(other) : page_response(*asset);
    }
  const std::int64_t begin_ns = os::boot_now_ns();
  auto route = gatekeeper_.admit(request, proof);
  Response response = route ? handle(**route, request) : std::move(route).error();
  answered_(route ? (*route)->name : "none", response.status, static_cast<double>(os::boot_now_ns() - begin_ns) / 1e9);
  return response;
}

}  // namespace fracas::controller
