#include "controller/serve/gatekeeper.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::size_t kPathLoggedMax = 200;

// A Prometheus on this machine needs no token to read numbers.
bool is_local_scrape(const Route& route, const Request& request) {
  return route.name == "Metrics" && (request.address.starts_with("127.") || request.address == "::1");
}

std::string reason_of(const Response& response) {
  const auto object = nlohmann::json::parse(response.body, nullptr, false);
  return object.is_object() ? object.value("error", "") : response.body;
}

}  // namespace

Response Gatekeeper::refuse(const Request& request, Response response) {
  const Refusals::Decision decision = refusals_.count(request.address, os::boot_now_ns());
  const std::string address = request.address.empty() ? "unknown" : request.address;  // cut off before it was noted
  const std::string who = request.who.name.empty() ? address : request.who.name;
  std::string details = fmt::format("{} {}", response.status, reason_of(response));
  if (decision.unlogged > 0)
    details += fmt::format(" ({} earlier refusals of this address have no entry)", decision.unlogged);
  if (decision.log) {
    const std::string subject = request.method + " " + request.path.substr(0, kPathLoggedMax);
    const AuditNote note{.who = who, .action = "refused", .subject = subject, .details = details};
    if (auto noted = append_audit(database_, note); !noted) log::error("audit: {}", noted.error().message);
  }
  if (decision.limited && (response.status == 401 || response.status == 403))
    return refusal(429, "too_many", "too many refused requests: wait a minute");
  return response;
}

Result<std::optional<User>> Gatekeeper::identify(const Proof& proof) {
  if (!proof.bearer.empty()) return find_user_by_token(database_, proof.bearer);
  if (!proof.certificate.empty()) return find_user(database_, proof.certificate);
  if (!proof.cookie.empty()) return find_user_by_token(database_, proof.cookie);
  return std::optional<User>();
}

// Why nobody can be admitted, for somebody who came without any proof.
std::string Gatekeeper::who_is_missing() {
  const auto users = list_users(database_);
  if (users && users->empty()) return "there are no users yet: fracas serve user add NAME --role admin";
  return "who are you? send Authorization: Bearer TOKEN, or log in";
}

tl::expected<const Route*, Response> Gatekeeper::admit(Request& request, const Proof& proof) {
  const auto refused = [&](Response response) { return tl::unexpected(refuse(request, std::move(response))); };
  const Route* route = find_route(request);
  if (route == nullptr) {
    if (path_exists(request.path))
      return tl::unexpected(refusal(405, "bad_request", request.method + " is not for " + request.path));
    return tl::unexpected(refusal(404, "not_found", "there is no " + request.path));
  }
  if (!route->least || is_local_scrape(*route, request)) return route;
  auto user = identify(proof);
  if (!user) return tl::unexpected(refusal(user.error()));
  const bool claimed = !proof.bearer.empty() || !proof.certificate.empty() || !proof.cookie.empty();
  if (!*user && claimed) return refused(refusal(401, "unauthorized", "this token or certificate is nobody's"));
  if (!*user) return refused(refusal(401, "unauthorized", who_is_missing()));
  request.who = std::move(**user);
  if (request.who.role < *route->least)
    return refused(
        refusal(403, "forbidden",
                fmt::format("{} is {}; this takes {}", request.who.name, name(request.who.role), name(*route->least))));
  const bool by_cookie = proof.bearer.empty() && proof.certificate.empty();
  if (by_cookie && request.method != "GET" && !proof.own_page)
    return refused(refusal(403, "forbidden", "a request by cookie needs the header X-Fracas: 1"));
  return route;
}

}  // namespace fracas::controller
