#include "controller/serve/repeats.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/serve/routes.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/kept_answers.h"
#include "lib/base/log.h"
#include "lib/pki/digest.h"

namespace fracas::controller {
namespace {

bool is_key(const std::string& text) {
  return text.size() <= Repeats::kKeyMax &&
         std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter <= '~'; });
}

// Everything a request says, each part with its length, so that none runs into the next.
std::string sum_of(const Request& request) {
  std::string all;
  const auto add = [&all](const std::string& part) { all += fmt::format("{}:{}", part.size(), part); };
  for (const std::string* part : {&request.method, &request.path, &request.body}) add(*part);
  for (const auto& [name, value] : request.query) {
    add(name);
    add(value);
  }
  return pki::sha256_hex(all);
}

RequestKey key_of(const Request& request) {
  return {.who = request.who.name, .key = request.repeat_key};
}

Response recorded(KeptAnswer answer) {
  return {.status = answer.status,
          .media = std::move(answer.media),
          .body = std::move(answer.body),
          .headers = {{"Idempotency-Replayed", "true"}}};
}

}  // namespace

Response Repeats::answer(const Request& request, const Handler& handler) {
  if (request.repeat_key.empty()) return handler(request);
  if (!is_key(request.repeat_key))
    return gatekeeper_.refuse(
        request,
        refusal(400, "bad_request", fmt::format("an Idempotency-Key is 1 to {} visible ASCII characters", kKeyMax)));
  auto claim = claim_key(database_, key_of(request), sum_of(request));
  if (!claim) return refusal(claim.error());
  if (auto* kept = std::get_if<KeptAnswer>(&*claim)) {
    const AuditNote note{.who = request.who.name,
                         .action = "repeated",
                         .subject = request.method + " " + request.path,
                         .details = fmt::format("answered as before: {}, key {}", kept->status, request.repeat_key)};
    if (auto noted = append_audit(database_, note); !noted) return refusal(noted.error());
    return recorded(std::move(*kept));
  }
  switch (std::get<KeyState>(*claim)) {
    case KeyState::of_another:
      return gatekeeper_.refuse(
          request, refusal(422, "key_reused", "this Idempotency-Key came with another request: take a new one"));
    case KeyState::at_work:
      return gatekeeper_.refuse(
          request, refusal(409, "conflict",
                           "the request with this Idempotency-Key is at work, or was when its controller ended: ask "
                           "what became of it"));
    case KeyState::claimed:
      break;
  }
  return first(request, handler);
}

Response Repeats::first(const Request& request, const Handler& handler) {
  Response response = handler(request);
  // What is refused has done nothing; of what failed inside nobody knows.
  const bool refused = response.status >= 400 && response.status != 500;
  const Status kept = refused
                          ? free_key(database_, key_of(request))
                          : keep_answer(database_, key_of(request),
                                        {.status = response.status, .media = response.media, .body = response.body});
  if (!kept) log::error("the answer to a request with a key: {}", kept.error().message);
  return response;
}

Handlers done_once(Repeats& repeats, Handlers handlers) {
  for (const Route& route : routes()) {
    if (route.method == "GET" || !route.least) continue;
    Handler& handler = handlers.at(route.name);
    handler = [&repeats, inner = std::move(handler)](const Request& request) { return repeats.answer(request, inner); };
  }
  return handlers;
}

}  // namespace fracas::controller
