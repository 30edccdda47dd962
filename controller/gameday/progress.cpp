#include "controller/gameday/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/gameday/approval.h"
#include "lib/base/ensure.h"

namespace fracas::controller::gameday {
namespace {

constexpr const char* kAborted = "aborted";
constexpr const char* kCleanupFailed = "cleanup-failed";
// The notes of people have their place, however many faults there were.
constexpr std::size_t kFaultEntriesMax = kTimelineMax / 2;

std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

}  // namespace

void Progress::renew() {
  if (!day_.current.over()) return;
  day_.past.push_back(std::move(day_.current));
  if (day_.past.size() > kPastMax) day_.past.erase(day_.past.begin());
  day_.current = Occurrence{};
  output_.changed.insert(day_.plan.name);
}

void Progress::label() {
  if (day_.running() || day_.current.over()) return;
  const DayState state = enough_approvals(day_, now_) ? DayState::approved : DayState::planned;
  if (state == day_.current.state) return;
  day_.current.state = state;
  output_.changed.insert(day_.plan.name);
}

void Progress::begin(const std::string& who) {
  ensure(!day_.running(), "a game day that runs is not begun again");
  renew();
  for (const ApprovalGiven& each : approvals_that_count(day_, now_)) {
    const auto is_it = [&](const auto& entry) { return entry.kind == EntryKind::approved && entry.who == each.who; };
    if (std::ranges::none_of(day_.current.timeline, is_it))
      day_.current.timeline.push_back({.at = each.at, .kind = EntryKind::approved, .who = each.who, .text = {}});
  }
  Occurrence& current = day_.current;
  current.state = DayState::running;
  current.started = now_;
  current.started_by = who;
  for (const PlannedExperiment& planned : day_.plan.experiments)
    current.runs.push_back({.file = planned.file, .name = planned.name, .run = {}, .verdict = {}});
  day_.step = 0;
  day_.due.reset();
  day_.queued = false;
  enter(EntryKind::started, who, fmt::format("{} experiments", current.runs.size()));
  audit(who, "gameday.start", fmt::format("fingerprint {}", day_.plan.fingerprint));
  announce(Happening::started, fmt::format("started by {}", who));
  ask_guards();
}

void Progress::miss(const std::string& why) {
  day_.due.reset();
  day_.queued = false;
  audit(kScheduler, "gameday.miss", why);
  announce(Happening::missed, "a start is left out: " + why);
  if (day_.running()) return enter(EntryKind::note, kScheduler, "another start is left out: " + why);
  renew();
  day_.current.state = DayState::missed;
  day_.current.ended = now_;
  enter(EntryKind::stopped, kScheduler, "missed: " + why);
}

void Progress::ask_guards() {
  day_.phase = Phase::guarding;
  output_.changed.insert(day_.plan.name);
  output_.actions.push_back(AskGuards{day_.plan.name});
}

void Progress::guards_asked(const std::vector<std::string>& failed) {
  if (day_.phase != Phase::guarding) return;
  if (!failed.empty())
    return finish(DayState::stopped, std::string(kScheduler),
                  fmt::format("before {}: {}", label_of_step(), join(failed)));
  if (frozen_) return finish(DayState::stopped, std::string(kScheduler), *frozen_);
  day_.phase = Phase::starting;
  run().state = RunState::running;
  output_.changed.insert(day_.plan.name);
  output_.actions.push_back(StartRun{day_.plan.name, day_.step});
}

void Progress::guard_failed(const GuardFailed& failed) {
  if (day_.phase != Phase::running || run().run != failed.run) return;
  stop(std::string(kScheduler), fmt::format("during {}: {}", label_of_step(), failed.text));
}

void Progress::run_began(const std::string& run_id) {
  if (day_.phase != Phase::starting && day_.phase != Phase::stopping) return;
  run().run = run_id;
  enter(EntryKind::started, kScheduler, fmt::format("{}: run {}", run().name, run_id), true);
  if (day_.phase == Phase::starting) {
    day_.phase = Phase::running;
    return;
  }
  output_.actions.push_back(StopRun{day_.plan.name, run_id, std::string(kScheduler)});
}

void Progress::run_refused(const std::string& why) {
  if (day_.phase != Phase::starting && day_.phase != Phase::stopping) return;
  run().state = RunState::left_out;
  finish(DayState::stopped, std::string(kScheduler), fmt::format("{} could not begin: {}", label_of_step(), why));
}

void Progress::run_ended(const RunEnded& ended) {
  if ((day_.phase != Phase::running && day_.phase != Phase::stopping) || run().run != ended.run) return;
  run().state = RunState::done;
  run().verdict = ended.verdict;
  enter(EntryKind::ended, kScheduler,
        fmt::format("{}: {}{}{}", run().name, ended.verdict, ended.headline.empty() ? "" : ", ", ended.headline), true);
  announce(Happening::run_ended, fmt::format("{}: {}", label_of_step(), ended.verdict));
  if (day_.phase == Phase::stopping) return finish(DayState::stopped, std::string(kScheduler), "all faults are gone");
  // Whoever stopped the run alone did not ask for the next one; and nothing is added to what could not be cleaned up.
  const bool broken = ended.verdict == kAborted || ended.verdict == kCleanupFailed;
  const PlannedExperiment& planned = day_.plan.experiments.at(day_.step);
  if (broken || (!ended.as_expected && planned.stop_on_unexpected))
    return finish(DayState::stopped, std::string(kScheduler),
                  fmt::format("{} ended {}, which was not expected", label_of_step(), ended.verdict));
  if (day_.step + 1 == day_.current.runs.size()) return finish(DayState::done, std::string(kScheduler), "all ran");
  ++day_.step;
  day_.phase = Phase::pausing;
  day_.pause_until = now_ + planned.pause;
  output_.changed.insert(day_.plan.name);
  if (planned.pause.count() == 0) pause_over();
}

void Progress::pause_over() {
  if (day_.phase != Phase::pausing || !day_.pause_until || now_ < *day_.pause_until) return;
  day_.pause_until.reset();
  if (frozen_) return finish(DayState::stopped, std::string(kScheduler), *frozen_);
  ask_guards();
}

void Progress::fault_seen(const std::string& text) {
  if (!day_.current.first_fault) day_.current.first_fault = now_;
  if (day_.current.timeline.size() < kFaultEntriesMax) enter(EntryKind::fault, kScheduler, text, true);
}

void Progress::stop(const std::string& who, const std::string& why) {
  audit(who, "gameday.stop", why);
  if (day_.phase == Phase::guarding || day_.phase == Phase::pausing) return finish(DayState::stopped, who, why);
  if (day_.phase != Phase::stopping) enter(EntryKind::stopped, who, why);
  if (day_.phase == Phase::running) output_.actions.push_back(StopRun{day_.plan.name, run().run, who});
  day_.phase = Phase::stopping;
  output_.changed.insert(day_.plan.name);
}

void Progress::finish(DayState state, const std::string& who, const std::string& why) {
  Occurrence& current = day_.current;
  current.state = state;
  current.ended = now_;
  day_.pause_until.reset();
  for (DayRun& each : current.runs)
    if (each.state != RunState::done) each.state = each.run.empty() ? RunState::left_out : RunState::done;
  const bool done = state == DayState::done;
  enter(done ? EntryKind::ended : EntryKind::stopped, who, why);
  audit(who, done ? "gameday.done" : "gameday.stopped", why);
  announce(done ? Happening::done : Happening::stopped, why);
}

void Progress::note(const Noted& noted) {
  enter(noted.kind, noted.by.name, noted.text);
  audit(noted.by.name, fmt::format("gameday.{}", text_of(noted.kind)), noted.text);
  if (noted.kind == EntryKind::note) return;
  announce(noted.kind == EntryKind::detected ? Happening::detected : Happening::mitigated,
           fmt::format("{} by {}{}{}", text_of(noted.kind), noted.by.name, noted.text.empty() ? "" : ": ", noted.text));
  auto& first = noted.kind == EntryKind::detected ? day_.current.detected : day_.current.mitigated;
  if (day_.current.first_fault && !first) first = now_;
}

void Progress::enter(EntryKind kind, std::string_view who, const std::string& text, bool secret) {
  day_.current.timeline.push_back({.at = now_, .kind = kind, .who = std::string(who), .text = text, .secret = secret});
  output_.changed.insert(day_.plan.name);
}

void Progress::audit(std::string_view who, const std::string& action, const std::string& details) {
  output_.actions.push_back(Audit{std::string(who), action, day_.plan.name, details});
}

void Progress::announce(Happening what, const std::string& text) {
  output_.actions.push_back(Announce{day_.plan.name, what, text});
}

std::string Progress::label_of_step() const {
  const std::string place = fmt::format("{} of {}", day_.step + 1, day_.current.runs.size());
  if (day_.plan.blind) return "experiment " + place;
  return fmt::format("{} ({})", day_.current.runs.at(day_.step).name, place);
}

}  // namespace fracas::controller::gameday
