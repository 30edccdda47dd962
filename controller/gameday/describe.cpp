#include "controller/gameday/describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string_view>

namespace fracas::controller::gameday {
namespace {

std::string line(std::string_view word, std::string_view what) {
  return fmt::format("  {:<10} {}\n", word, what);
}

// "90s" is "1m30s".
std::string span_text(std::chrono::seconds span) {
  const std::chrono::hh_mm_ss parts(span);
  std::string text;
  if (parts.hours().count() > 0) text += fmt::format("{}h", parts.hours().count());
  if (parts.minutes().count() > 0) text += fmt::format("{}m", parts.minutes().count());
  if (parts.seconds().count() > 0 || text.empty()) text += fmt::format("{}s", parts.seconds().count());
  return text;
}

std::string_view word_of(MissedStart missed) {
  return missed == MissedStart::skip ? "skip" : "run-late";
}

std::string_view word_of(Concurrency concurrency) {
  constexpr std::string_view kWords[] = {"forbid", "queue", "replace"};
  return kWords[static_cast<std::size_t>(concurrency)];
}

std::string schedule_lines(const Plan& plan) {
  const Calendar& calendar = plan.calendar;
  if (!calendar.cron) return line("schedule", "none: it starts by hand alone");
  std::string text = line("schedule", fmt::format("{} ({})", calendar.cron->text(), calendar.zone.name()));
  const bool late = plan.missed == MissedStart::run_late;
  text += line("missed", late ? "runs late, by " + span_text(plan.grace) + " at most" : "is left out");
  const std::string_view others[] = {"this start is left out", "this start waits", "the other is stopped"};
  return text + line("if another", fmt::format("runs, {}", others[static_cast<std::size_t>(plan.concurrency)]));
}

std::string calendar_lines(const Plan& plan, const DescribeOptions& options) {
  std::string text;
  for (const StartWindow& window : plan.calendar.windows) text += line("window", window.text());
  for (const Blackout& blackout : plan.calendar.blackouts) text += line("blackout", blackout.text());
  const auto starts = plan.calendar.starts(options.now, options.now + kHorizon, options.starts);
  for (std::size_t i = 0; i < starts.size(); ++i)
    text += line(i == 0 ? "starts" : "", fmt::format("{}  {}", plan.calendar.zone.text(starts[i]), rfc3339(starts[i])));
  return text;
}

std::string approval_lines(const ApprovalRule& rule) {
  if (rule.count == 0) return line("approval", "none is needed");
  std::string text = line(
      "approval", fmt::format("{} of {}, each for {}", rule.count, fmt::join(rule.from, ", "), span_text(rule.hold)));
  if (!rule.own) text += line("", "not whoever submits the plan");
  return text;
}

std::string experiment_lines(const Plan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.experiments.size(); ++i) {
    const PlannedExperiment& each = plan.experiments[i];
    text += line(i == 0 ? "runs" : "",
                 fmt::format("{} {} ({}), {}, expects {}; {} if not", i + 1, each.name, each.file,
                             describe_duration(each.length), each.violation_expected ? "a violation" : "pass",
                             each.stop_on_unexpected ? "stops" : "goes on"));
    for (const std::string& assignment : each.overrides) text += line("", "  " + assignment);
    if (each.pause.count() > 0 && i + 1 < plan.experiments.size())
      text += line("", fmt::format("  then {} of pause", span_text(each.pause)));
  }
  return text + line("takes", span_text(std::chrono::ceil<std::chrono::seconds>(plan.length())) +
                                  ", and a little more for each run's set-up and checks");
}

}  // namespace

std::string describe_plan(const Plan& plan, const DescribeOptions& options) {
  std::string text = plan.name + (plan.doc.empty() ? "" : ": " + plan.doc) + "\n";
  if (plan.blind) text += line("blind", "experiments and faults stay hidden until it is over");
  text += schedule_lines(plan);
  text += calendar_lines(plan, options);
  text += approval_lines(plan.approval);
  for (const std::string& guard : plan.guards) text += line("guard", guard);
  for (const std::string& recipient : plan.recipients) text += line("tells", recipient);
  return text + experiment_lines(plan);
}

std::string plan_json(const Plan& plan, const DescribeOptions& options) {
  using Json = nlohmann::ordered_json;
  Json root{{"name", plan.name},
            {"doc", plan.doc},
            {"blind", plan.blind},
            {"schedule", plan.calendar.cron ? plan.calendar.cron->text() : ""},
            {"zone", plan.calendar.zone.name()},
            {"missed", word_of(plan.missed)},
            {"concurrency", word_of(plan.concurrency)},
            {"starts", Json::array()},
            {"approvers", plan.approval.from},
            {"approvals", plan.approval.count},
            {"guards", plan.guards},
            {"recipients", plan.recipients},
            {"experiments", Json::array()},
            {"seconds", std::chrono::duration<double>(plan.length()).count()},
            {"fingerprint", plan.fingerprint}};
  for (const sys_seconds start : plan.calendar.starts(options.now, options.now + kHorizon, options.starts))
    root["starts"].push_back(rfc3339(start));
  for (const PlannedExperiment& each : plan.experiments)
    root["experiments"].push_back({{"file", each.file},
                                   {"name", each.name},
                                   {"set", each.overrides},
                                   {"expect", each.violation_expected ? "violated" : "pass"},
                                   {"on_unexpected", each.stop_on_unexpected ? "stop" : "continue"},
                                   {"pause_s", each.pause.count()}});
  return root.dump(2) + "\n";
}

}  // namespace fracas::controller::gameday
