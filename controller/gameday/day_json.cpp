#include "controller/gameday/day_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

namespace fracas::controller::gameday {
namespace {

using Json = nlohmann::json;

// Times are numbers of their own unit since 1970.
template <typename Time>
Json time_json(const std::optional<Time>& time) {
  return time ? Json(time->time_since_epoch().count()) : Json();
}

template <typename Time>
std::optional<Time> time_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Time(typename Time::duration(json.get<std::int64_t>()));
}

template <typename Enum>
Enum word_of(const Json& json, std::optional<Enum> (*parse)(std::string_view)) {
  const auto value = parse(json.get<std::string>());
  if (!value) throw Json::other_error::create(501, fmt::format("unknown word {}", json.dump()), &json);
  return *value;
}

Json json_of(const TimelineEntry& entry) {
  return {{"at", entry.at.time_since_epoch().count()},
          {"kind", text_of(entry.kind)},
          {"who", entry.who},
          {"text", entry.text},
          {"secret", entry.secret}};
}

TimelineEntry entry_of(const Json& json) {
  return {.at = Instant(Instant::duration(json.at("at").get<std::int64_t>())),
          .kind = word_of(json.at("kind"), parse_entry_kind),
          .who = json.at("who"),
          .text = json.at("text"),
          .secret = json.at("secret")};
}

Json json_of(const DayRun& run) {
  return {{"file", run.file},
          {"name", run.name},
          {"state", text_of(run.state)},
          {"run", run.run},
          {"verdict", run.verdict}};
}

DayRun run_of(const Json& json) {
  return {.file = json.at("file"),
          .name = json.at("name"),
          .state = word_of(json.at("state"), parse_run_state),
          .run = json.at("run"),
          .verdict = json.at("verdict")};
}

Json json_of(const Occurrence& occurrence) {
  Json json{{"state", text_of(occurrence.state)},
            {"started", time_json(occurrence.started)},
            {"started_by", occurrence.started_by},
            {"ended", time_json(occurrence.ended)},
            {"first_fault", time_json(occurrence.first_fault)},
            {"detected", time_json(occurrence.detected)},
            {"mitigated", time_json(occurrence.mitigated)},
            {"runs", Json::array()},
            {"timeline", Json::array()}};
  for (const DayRun& run : occurrence.runs) json["runs"].push_back(json_of(run));
  for (const TimelineEntry& entry : occurrence.timeline) json["timeline"].push_back(json_of(entry));
  return json;
}

Occurrence occurrence_of(const Json& json) {
  Occurrence occurrence;
  occurrence.state = word_of(json.at("state"), parse_day_state);
  occurrence.started = time_of<Instant>(json.at("started"));
  occurrence.started_by = json.at("started_by");
  occurrence.ended = time_of<Instant>(json.at("ended"));
  occurrence.first_fault = time_of<Instant>(json.at("first_fault"));
  occurrence.detected = time_of<Instant>(json.at("detected"));
  occurrence.mitigated = time_of<Instant>(json.at("mitigated"));
  for (const Json& run : json.at("runs")) occurrence.runs.push_back(run_of(run));
  for (const Json& entry : json.at("timeline")) occurrence.timeline.push_back(entry_of(entry));
  return occurrence;
}

Json experiments_json(const Plan& plan) {
  Json all = Json::array();
  for (const PlannedExperiment& each : plan.experiments)
    all.push_back(
        {{"name", each.name}, {"violation_expected", each.violation_expected}, {"length_ns", each.length.count()}});
  return all;
}

// The experiments as they were, one after the other.
ReadExperiment experiments_of(const Json& all) {
  return [&all, index = std::size_t{0}](const std::string&, const std::vector<std::string>&) mutable {
    const Json& json = all.at(index++);
    return Result<LibraryExperiment>(LibraryExperiment{.name = json.at("name"),
                                                       .violation_expected = json.at("violation_expected"),
                                                       .length = Duration(json.at("length_ns").get<std::int64_t>()),
                                                       .toml = {}});
  };
}

Result<Day> day_of(const Json& json, sys_seconds now) {
  const std::string text = json.at("plan");
  auto plan = read_plan(text, json.at("name"), experiments_of(json.at("experiments")), now);
  if (!plan) return failure(std::move(plan).error());
  plan->fingerprint = json.at("fingerprint");
  Day day(*std::move(plan));
  day.plan_text = text;
  day.submitted_by = json.at("submitted_by");
  for (const Json& given : json.at("approvals"))
    day.approvals.push_back({.who = given.at("who"),
                             .at = Instant(Instant::duration(given.at("at").get<std::int64_t>())),
                             .fingerprint = given.at("fingerprint")});
  day.current = occurrence_of(json.at("current"));
  for (const Json& past : json.at("past")) day.past.push_back(occurrence_of(past));
  day.next = time_of<sys_seconds>(json.at("next"));
  day.due = time_of<sys_seconds>(json.at("due"));
  day.due_by = json.at("due_by");
  day.queued = json.at("queued");
  return day;
}

}  // namespace

std::string day_to_json(const Day& day) {
  Json json{{"name", day.plan.name},
            {"plan", day.plan_text},
            {"experiments", experiments_json(day.plan)},
            {"fingerprint", day.plan.fingerprint},
            {"submitted_by", day.submitted_by},
            {"approvals", Json::array()},
            {"current", json_of(day.current)},
            {"past", Json::array()},
            {"next", time_json(day.next)},
            {"due", time_json(day.due)},
            {"due_by", day.due_by},
            {"queued", day.queued}};
  for (const ApprovalGiven& given : day.approvals)
    json["approvals"].push_back(
        {{"who", given.who}, {"at", given.at.time_since_epoch().count()}, {"fingerprint", given.fingerprint}});
  for (const Occurrence& past : day.past) json["past"].push_back(json_of(past));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Day> day_from_json(std::string_view text, sys_seconds now) {
  try {
    return day_of(Json::parse(text), now);
  } catch (const Json::exception& error) {
    return failure(fmt::format("this is no game day: {}", error.what()));
  }
}

}  // namespace fracas::controller::gameday
