#include "controller/gameday/endpoints.h"

#include "controller/gameday/game_days.h"
#include "controller/gameday/view.h"
#include "lib/model/api.pb.h"

namespace fracas::controller::gameday {
namespace {

Person person_of(const Request& request) {
  return {.name = request.who.name, .role = request.who.role};
}

ViewOptions view_for(const Request& request, bool past) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return {.person = person_of(request), .now = now, .past = past};
}

Response day_response(const Request& request, int status, const Result<Day>& day) {
  if (!day) return refusal(day.error());
  api::GameDay message;
  fill(message, *day, view_for(request, true));
  return json_response(status, message);
}

Response list(const Request& request, const GameDays& days) {
  api::GameDays message;
  for (const Day& day : days.all()) fill(*message.add_gamedays(), day, view_for(request, false));
  return json_response(200, message);
}

Response submit(const Request& request, GameDays& days) {
  const auto body = parse_body<api::GameDayPlanRequest>(request);
  if (!body) return refusal(body.error());
  return day_response(request, 201, days.submit(body->plan(), person_of(request)));
}

Response note(const Request& request, GameDays& days, EntryKind kind) {
  const auto body = parse_body<api::NoteRequest>(request);
  if (!body) return refusal(body.error());
  return day_response(request, 201, days.note({request.part("name"), kind, body->text(), person_of(request)}));
}

void stop_all_days(const Request& request, GameDays& days) {
  for (const Day& day : days.all())
    if (day.running() || day.due) days.stop(day.plan.name, person_of(request));  // refused: it has just ended
}

Handlers gameday_handlers(GameDays& days) {
  const auto day = [](const Request& request, int status, const Result<Day>& result) {
    return day_response(request, status, result);
  };
  return {
      {"ListGameDays", [&days](const Request& request) { return list(request, days); }},
      {"SubmitGameDay", [&days](const Request& request) { return submit(request, days); }},
      {"GetGameDay", [&days, day](const Request& r) { return day(r, 200, days.find(r.part("name"))); }},
      {"ApproveGameDay",
       [&days, day](const Request& r) { return day(r, 200, days.approve(r.part("name"), person_of(r))); }},
      {"StartGameDay",
       [&days, day](const Request& r) { return day(r, 200, days.start(r.part("name"), person_of(r))); }},
      {"StopGameDay", [&days, day](const Request& r) { return day(r, 200, days.stop(r.part("name"), person_of(r))); }},
      {"AddGameDayNote", [&days](const Request& request) { return note(request, days, EntryKind::note); }},
      {"GameDayDetected", [&days](const Request& request) { return note(request, days, EntryKind::detected); }},
      {"GameDayMitigated", [&days](const Request& request) { return note(request, days, EntryKind::mitigated); }},
  };
}

}  // namespace

Handlers with_gamedays(GameDays& days, Handlers others) {
  Handlers all = gameday_handlers(days);
  all["StopAll"] = [&days, stop_runs = others.at("StopAll")](const Request& request) {
    stop_all_days(request, days);
    return stop_runs(request);
  };
  all.merge(others);
  return all;
}

}  // namespace fracas::controller::gameday
