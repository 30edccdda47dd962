#include "controller/gameday/view.h"

#include "controller/gameday/approval.h"
#include "lib/model/api.pb.h"

namespace fracas::controller::gameday {
namespace {

constexpr std::chrono::days kStartsShown{62};
constexpr std::size_t kStartsShownMax = 100;

void fill(api::GameDayRun& message, const DayRun& run) {
  message.set_file(run.file);
  message.set_name(run.name);
  message.set_state(std::string(text_of(run.state)));
  if (!run.run.empty()) message.set_run(run.run);
  message.set_verdict(run.verdict);
}

// The parts that a game day and a past one have in common.
template <typename Message>
void fill_occurrence(Message& message, const Occurrence& occurrence, bool sees_all) {
  message.set_state(std::string(text_of(occurrence.state)));
  if (occurrence.started) message.set_started(rfc3339(*occurrence.started));
  if (occurrence.ended) message.set_ended(rfc3339(*occurrence.ended));
  for (const TimelineEntry& entry : occurrence.timeline) {
    if (entry.secret && !sees_all) continue;
    api::TimelineEntry& added = *message.add_timeline();
    added.set_at(rfc3339(entry.at));
    added.set_kind(std::string(text_of(entry.kind)));
    added.set_who(entry.who);
    added.set_text(entry.text);
  }
  if (sees_all)
    for (const DayRun& run : occurrence.runs) fill(*message.add_experiments(), run);
  // When the first fault came is part of what a blind game day hides.
  if (const auto seconds = occurrence.detect_seconds(); seconds && sees_all) message.set_detect_s(*seconds);
  if (const auto seconds = occurrence.mitigate_seconds(); seconds && sees_all) message.set_mitigate_s(*seconds);
}

}  // namespace

bool sees_plan(const Day& day, const Person& person) {
  return !day.plan.blind || day.current.over() || person.name == day.submitted_by ||
         why_not_approve(day, person).empty();
}

void fill(api::GameDay& message, const Day& day, const ViewOptions& options) {
  const Calendar& calendar = day.plan.calendar;
  const auto now = std::chrono::floor<std::chrono::seconds>(options.now);
  const bool sees_all = sees_plan(day, options.person);
  message.set_name(day.plan.name);
  message.set_doc(day.plan.doc);
  if (day.next) message.set_next(rfc3339(*day.next));
  if (calendar.cron) message.set_schedule(calendar.cron->text());
  message.set_zone(calendar.zone.name());
  for (const std::string& one : day.plan.approval.from) message.add_approvers(one);
  for (const ApprovalGiven& given : approvals_that_count(day, options.now)) message.add_approved_by(given.who);
  message.set_approvals(day.plan.approval.count);
  message.set_blind(day.plan.blind);
  message.set_submitted_by(day.submitted_by);
  for (const std::string& guard : day.plan.guards) message.add_guards(guard);
  fill_occurrence(message, day.current, sees_all);
  if (sees_all && day.current.runs.empty())
    for (const PlannedExperiment& planned : day.plan.experiments)
      fill(*message.add_experiments(), DayRun{.file = planned.file, .name = planned.name, .run = {}, .verdict = {}});
  for (const sys_seconds start : calendar.starts(now, now + kStartsShown, kStartsShownMax))
    message.add_starts(rfc3339(start));
  if (!options.past) return;
  for (const Occurrence& past : day.past) fill_occurrence(*message.add_past(), past, true);
}

}  // namespace fracas::controller::gameday
