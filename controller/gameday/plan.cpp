#include "controller/gameday/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "controller/gameday/guards.h"
#include "controller/gameday/notifier.h"
#include "lib/model/gameday.h"
#include "lib/model/gameday.pb.h"
#include "lib/model/proto_time.h"
#include "lib/pki/digest.h"

namespace fracas::controller::gameday {
namespace {

using model::GameDayPlan;
using model::Mistakes;
using model::Places;

std::chrono::seconds whole_seconds(const google::protobuf::Duration& duration) {
  return std::chrono::ceil<std::chrono::seconds>(model::from_proto(duration));
}

// Reads the parts of a plan, each at its place.
class PlanReader {
 public:
  PlanReader(const GameDayPlan& plan, const Places& places) : plan_(plan), places_(places) {}

  Result<Plan> read(const ReadExperiment& library, sys_seconds now) {
    auto zone = Zone::find(plan_.schedule().zone());
    if (!zone) wrong("schedule.zone", zone.error().message);
    auto utc = Zone::find("UTC");
    if (!utc) return failure(std::move(utc).error());
    Calendar calendar{.zone = zone ? *std::move(zone) : *std::move(utc), .cron = {}, .windows = {}, .blackouts = {}};
    read_calendar(calendar, now);
    check_approval();
    Plan plan{
        .name = plan_.name(),
        .doc = plan_.doc(),
        .blind = plan_.blind(),
        .calendar = std::move(calendar),
        .missed = plan_.schedule().missed() == model::MISSED_START_SKIP ? MissedStart::skip : MissedStart::run_late,
        .grace = whole_seconds(plan_.schedule().grace()),
        .concurrency = static_cast<Concurrency>(plan_.schedule().concurrency()),
        .approval = approval(),
        .experiments = {},
        .guards = read_guards(),
        .recipients = {},
        .fingerprint = {}};
    for (const model::Notification& recipient : plan_.notify())
      plan.recipients.push_back(describe_recipient(recipient));
    std::string approved = plan_.SerializeAsString();
    for (int i = 0; i < plan_.experiment_size(); ++i) read_experiment(i, library, plan, approved);
    if (plan_.experiment().empty()) wrong("experiment", "a game day has at least one experiment");
    if (!mistakes_.empty()) return failure(mistakes_.error());
    plan.fingerprint = pki::sha256_hex(approved);
    return plan;
  }

 private:
  void wrong(std::string_view path, std::string_view what) { mistakes_.add(places_.find(path), what); }

  template <typename T>
  void keep(std::vector<T>& list, Result<T> read, const std::string& path) {
    if (!read) return wrong(path, read.error().message);
    list.push_back(*std::move(read));
  }

  void read_calendar(Calendar& calendar, sys_seconds now) {
    for (int i = 0; i < plan_.window_size(); ++i) {
      const model::Window& window = plan_.window(i);
      keep(calendar.windows,
           StartWindow::parse({window.days().begin(), window.days().end()}, window.from(), window.to()),
           fmt::format("window[{}]", i));
    }
    for (int i = 0; i < plan_.blackout_size(); ++i)
      keep(calendar.blackouts, Blackout::parse(plan_.blackout(i)), fmt::format("blackout[{}]", i));
    if (plan_.schedule().cron().empty()) return;
    auto cron = Cron::parse(plan_.schedule().cron());
    if (!cron) return wrong("schedule.cron", cron.error().message);
    calendar.cron = *std::move(cron);
    if (mistakes_.empty() && !calendar.next(now))
      wrong("schedule.cron", "this never comes inside a window and outside the blackout dates, in nine years");
  }

  void check_approval() {
    const model::Approval& rule = plan_.approval();
    const bool by_role = std::ranges::any_of(rule.from(), [](const auto& each) { return each.starts_with("role:"); });
    const std::set<std::string> people(rule.from().begin(), rule.from().end());
    if (!by_role && people.size() < rule.count())
      wrong("approval.count", fmt::format("{} must agree, but only {} may", rule.count(), people.size()));
  }

  ApprovalRule approval() const {
    const model::Approval& rule = plan_.approval();
    return ApprovalRule{.from = {rule.from().begin(), rule.from().end()},
                        .count = rule.count(),
                        .hold = whole_seconds(rule.hold()),
                        .own = rule.own()};
  }

  std::vector<std::string> read_guards() {
    std::vector<std::string> lines;
    std::set<std::string_view> names;
    for (int i = 0; i < plan_.guard_size(); ++i) {
      const model::ProbeSpec& guard = plan_.guard(i);
      for (const GuardMistake& mistake : guard_mistakes(guard))
        wrong(fmt::format("guard[{}].{}", i, mistake.key), mistake.what);
      if (!names.insert(guard.name()).second)
        wrong(fmt::format("guard[{}].name", i), fmt::format("another guard is named \"{}\" already", guard.name()));
      lines.push_back(describe_guard(guard));
    }
    return lines;
  }

  void read_experiment(int index, const ReadExperiment& library, Plan& plan, std::string& approved) {
    const model::GameDayExperiment& wanted = plan_.experiment(index);
    PlannedExperiment planned{.file = wanted.file(),
                              .overrides = {wanted.set().begin(), wanted.set().end()},
                              .stop_on_unexpected = wanted.on_unexpected() == model::ON_UNEXPECTED_STOP,
                              .pause = whole_seconds(wanted.pause()),
                              .name = {},
                              .violation_expected = false,
                              .length = {}};
    const std::string path = fmt::format("experiment[{}].file", index);
    if (wanted.file().find("..") != std::string::npos) return wrong(path, "file must lie in the library's folder");
    auto known = library(planned.file, planned.overrides);
    if (!known) return wrong_experiment(path, known.error().message);
    planned.name = known->name;
    planned.violation_expected = known->violation_expected;
    planned.length = known->length;
    approved += '\0' + known->toml;
    plan.experiments.push_back(std::move(planned));
  }

  // An experiment's mistakes have places of their own; each becomes one of the plan.
  void wrong_experiment(const std::string& path, std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      wrong(path, lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }

  const GameDayPlan& plan_;
  const Places& places_;
  Mistakes mistakes_;
};

}  // namespace

Duration Plan::length() const {
  Duration total{};
  for (const PlannedExperiment& each : experiments) total += each.length;
  for (std::size_t i = 0; i + 1 < experiments.size(); ++i) total += experiments[i].pause;
  return total;
}

Result<Plan> read_plan(std::string_view text, const std::string& name, const ReadExperiment& read, sys_seconds now) {
  const auto file = model::read_gameday_text(text, name);
  if (!file) return failure(file.error());
  return PlanReader(file->plan(), file->places()).read(read, now);
}

}  // namespace fracas::controller::gameday
