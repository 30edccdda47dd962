#include "controller/serve/people_handlers.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/wall_time.h"
#include "lib/model/api.pb.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kEntriesShown = 200;
constexpr std::int64_t kEntriesShownMax = 1000;

void fill(api::Frozen& message, const Freeze& freeze) {
  message.set_frozen(freeze.frozen);
  message.set_reason(freeze.reason);
  message.set_by(freeze.by);
  message.set_since(freeze.since);
}

Response me(const User& who, Database& database) {
  const auto freeze = read_freeze(database);
  if (!freeze) return refusal(freeze.error());
  api::Me message;
  message.set_name(who.name);
  message.set_role(std::string(name(who.role)));
  fill(*message.mutable_frozen(), *freeze);
  message.set_version(FRACAS_VERSION);
  return json_response(200, message);
}

std::string cookie(const std::string& token, bool encrypted, bool remove) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", kCookieName, token, encrypted ? "; Secure" : "",
                     remove ? "; Max-Age=0" : "");
}

Response login(const Request& request, Gatekeeper& gatekeeper, Database& database) {
  const auto body = parse_body<api::LoginRequest>(request);
  if (!body) return refusal(body.error());
  const auto user = find_user_by_token(database, body->token());
  if (!user) return refusal(user.error());
  if (!*user) return gatekeeper.refuse(request, refusal(401, "unauthorized", "this token is nobody's"));
  Response response = me(**user, database);
  response.headers = {{"Set-Cookie", cookie(body->token(), request.encrypted, false)}};
  if (auto noted = append_audit(database, {(*user)->name, "login", "", "from " + request.address}); !noted)
    return refusal(noted.error());
  return response;
}

Response logout(const Request& request) {
  Response response = json_response(200, api::Nothing());
  response.headers = {{"Set-Cookie", cookie("", request.encrypted, true)}};
  return response;
}

Response set_freeze(const Request& request, Gatekeeper& gatekeeper, Database& database) {
  const auto body = parse_body<api::FreezeRequest>(request);
  if (!body) return refusal(body.error());
  if (!body->frozen() && request.who.role < Role::approver)
    return gatekeeper.refuse(
        request, refusal(403, "forbidden", request.who.name + " may freeze; to allow starts again takes an approver"));
  const Freeze freeze{.frozen = body->frozen(), .reason = body->reason(), .by = request.who.name, .since = wall_now()};
  if (auto noted = append_audit(database, {freeze.by, freeze.frozen ? "freeze" : "unfreeze", "", freeze.reason});
      !noted)
    return refusal(noted.error());
  if (auto written = write_freeze(database, freeze); !written) return refusal(written.error());
  api::Frozen message;
  fill(message, freeze);
  return json_response(200, message);
}

Response audit(const Request& request, Database& database) {
  const std::int64_t limit =
      std::clamp(request.asked_number("limit", kEntriesShown), std::int64_t{1}, kEntriesShownMax);
  const auto entries = list_audit(database, request.asked_number("after", 0), limit);
  if (!entries) return refusal(entries.error());
  const auto forged = first_forged(database);
  if (!forged) return refusal(forged.error());
  api::Audit message;
  message.set_intact(*forged == 0);
  for (const AuditEntry& entry : *entries) {
    api::AuditEntry& added = *message.add_entries();
    added.set_sequence(static_cast<std::uint32_t>(entry.sequence));
    added.set_at(entry.at);
    added.set_who(entry.note.who);
    added.set_action(entry.note.action);
    added.set_subject(entry.note.subject);
    added.set_details(entry.note.details);
    added.set_hash(entry.hash);
  }
  return json_response(200, message);
}

}  // namespace

Handlers people_handlers(Gatekeeper& gatekeeper, Database& database) {
  return {
      {"Login", [&](const Request& request) { return login(request, gatekeeper, database); }},
      {"Logout", logout},
      {"GetMe", [&](const Request& request) { return me(request.who, database); }},
      {"SetFreeze", [&](const Request& request) { return set_freeze(request, gatekeeper, database); }},
      {"ListAudit", [&](const Request& request) { return audit(request, database); }},
  };
}

}  // namespace fracas::controller
