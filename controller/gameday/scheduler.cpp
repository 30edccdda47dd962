#include "controller/gameday/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "controller/gameday/approval.h"
#include "controller/gameday/progress.h"

namespace fracas::controller::gameday {
namespace {

// How far back a start is looked for that nobody was there for.
constexpr std::chrono::hours kLookBack{24};
constexpr std::size_t kStartsOfADayMax = 25 * 60;
constexpr std::size_t kNoteMax = 4000;

std::string still_runs(const Day& day) {
  return day.plan.name + " still runs";
}

// Takes one event apart.
class Decision {
 public:
  Decision(Days& days, std::optional<std::string>& frozen, Instant now, Output& output)
      : days_(days), frozen_(frozen), now_(now), output_(output) {}

  void operator()(const Tick&) {
    for (auto& [name, day] : days_) {
      if (day.running()) progress(day).pause_over();
      progress(day).label();
      collect_due(day);
    }
    for (auto& [name, day] : days_)
      if (day.due) try_due(day);
  }

  void operator()(const Restored&) {
    for (auto& [name, day] : days_)
      if (day.running())
        progress(day).finish(DayState::stopped, std::string(kScheduler), "the controller ended while it ran");
  }

  void operator()(const Submitted& submitted) {
    const std::string& name = submitted.plan.name;
    auto [at, fresh] = days_.try_emplace(name, submitted.plan);
    Day& day = at->second;
    if (day.running()) return refuse(EEXIST, "it runs; stop it first");
    if (fresh || day.plan.fingerprint != submitted.plan.fingerprint) day.submitted_by = submitted.by.name;
    day.plan = submitted.plan;
    day.plan_text = submitted.text;
    std::erase_if(day.approvals, [&](const auto& each) { return each.fingerprint != day.plan.fingerprint; });
    day.next = day.plan.calendar.next(second());
    day.due.reset();
    Progress all = progress(day);
    all.renew();
    all.label();
    all.audit(submitted.by.name, "gameday.submit", "fingerprint " + day.plan.fingerprint);
    output_.changed.insert(name);
  }

  void operator()(const Approved& asked) {
    Day* day = find(asked.day);
    if (day == nullptr) return;
    if (day->running()) return refuse(EEXIST, "it runs already");
    if (const std::string why = why_not_approve(*day, asked.by); !why.empty()) return refuse(EPERM, why);
    std::erase_if(day->approvals, [&](const auto& each) { return each.who == asked.by.name; });
    day->approvals.push_back({.who = asked.by.name, .at = now_, .fingerprint = day->plan.fingerprint});
    Progress all = progress(*day);
    all.renew();
    all.enter(EntryKind::approved, asked.by.name, "");
    all.audit(asked.by.name, "gameday.approve", "fingerprint " + day->plan.fingerprint);
    all.announce(Happening::approved, fmt::format("{} agrees: {}", asked.by.name, describe_approvals(*day, now_)));
    all.label();
  }

  void operator()(const StartAsked& asked) {
    Day* day = find(asked.day);
    if (day == nullptr) return;
    if (day->running()) return refuse(EEXIST, "it runs already");
    if (frozen_) return refuse(ECANCELED, *frozen_);
    if (!enough_approvals(*day, now_)) return refuse(EEXIST, describe_approvals(*day, now_));
    if (const auto why = day->plan.calendar.forbids(second())) return refuse(EEXIST, *why);
    const Day* other = running_day();
    if (other != nullptr && day->plan.concurrency == Concurrency::forbid) return refuse(EEXIST, still_runs(*other));
    if (other == nullptr) return progress(*day).begin(asked.by.name);
    day->due = second();
    day->due_by = asked.by.name;
    output_.changed.insert(asked.day);
    try_due(*day);
  }

  void operator()(const StopAsked& asked) {
    Day* day = find(asked.day);
    if (day == nullptr) return;
    if (day->running()) return progress(*day).stop(asked.by.name, "stopped by " + asked.by.name);
    if (!day->due) return refuse(EEXIST, fmt::format("it does not run: it is {}", text_of(day->current.state)));
    progress(*day).miss(asked.by.name + " called it off");
  }

  void operator()(const FreezeSet& set) {
    frozen_.reset();
    if (set.frozen)
      frozen_ = fmt::format("starts are frozen by {}{}{}", set.by.name, set.reason.empty() ? "" : ": ", set.reason);
  }

  void operator()(const GuardsAsked& asked) {
    if (Day* day = running(asked.day)) progress(*day).guards_asked(asked.failed);
  }
  void operator()(const GuardFailed& failed) {
    if (Day* day = running(failed.day)) progress(*day).guard_failed(failed);
  }
  void operator()(const RunBegan& began) {
    if (Day* day = running(began.day)) progress(*day).run_began(began.run);
  }
  void operator()(const RunRefused& refused) {
    if (Day* day = running(refused.day)) progress(*day).run_refused(refused.why);
  }
  void operator()(const FaultSeen& seen) {
    if (Day* day = running(seen.day)) progress(*day).fault_seen(seen.text);
  }
  void operator()(const RunEnded& ended) {
    if (Day* day = running(ended.day)) progress(*day).run_ended(ended);
  }

  void operator()(const Noted& noted) {
    Day* day = find(noted.day);
    if (day == nullptr) return;
    if (noted.text.size() > kNoteMax) return refuse(EINVAL, fmt::format("a note has {} bytes at most", kNoteMax));
    if (noted.kind == EntryKind::note && noted.text.empty()) return refuse(EINVAL, "the note is empty");
    if (day->current.timeline.size() >= kTimelineMax) return refuse(EEXIST, "the timeline is full");
    progress(*day).note(noted);
  }

 private:
  Progress progress(Day& day) { return Progress(day, now_, frozen_, output_); }
  sys_seconds second() const { return std::chrono::floor<std::chrono::seconds>(now_); }
  void refuse(int code, std::string why) { output_.refusal = Error{std::move(why), code}; }

  Day* find(const std::string& name) {
    const auto found = days_.find(name);
    if (found != days_.end()) return &found->second;
    refuse(ENOENT, fmt::format("there is no game day \"{}\"", name));
    return nullptr;
  }

  Day* running(const std::string& name) {
    const auto found = days_.find(name);
    return found != days_.end() && found->second.running() ? &found->second : nullptr;
  }

  Day* running_day() {
    const auto found = std::ranges::find_if(days_, [](const auto& each) { return each.second.running(); });
    return found == days_.end() ? nullptr : &found->second;
  }

  // Takes note of the last scheduled start whose time has come.
  void collect_due(Day& day) {
    if (!day.next || *day.next > second()) return;
    const Calendar& calendar = day.plan.calendar;
    const auto from = std::max(*day.next - std::chrono::seconds(1), second() - kLookBack);
    const auto starts = calendar.starts(from, second(), kStartsOfADayMax);
    const sys_seconds due = starts.empty() ? *day.next : starts.back();
    if (day.due) progress(day).miss("the next start came before it could begin");
    if (due != *day.next)
      progress(day).audit(kScheduler, "gameday.miss",
                          fmt::format("starts from {} on, until the one at {}", rfc3339(*day.next), rfc3339(due)));
    day.due = due;
    day.due_by = kScheduler;
    day.queued = false;
    day.next = calendar.next(second());
    output_.changed.insert(day.plan.name);
  }

  // Begins what is due, or misses it, or lets it wait.
  void try_due(Day& day) {
    const bool may_be_late = day.queued || day.plan.missed == MissedStart::run_late;
    const bool too_late = now_ - *day.due > (may_be_late ? day.plan.grace : kPunctual);
    Day* other = running_day();
    const std::string blocker = why_not_now(day);
    if (too_late && !blocker.empty()) return progress(day).miss(blocker);
    if (too_late) return progress(day).miss(day.queued && other ? still_runs(*other) : "nobody was there at its time");
    if (!blocker.empty()) return;
    if (other == nullptr) return progress(day).begin(day.due_by);
    if (day.plan.concurrency == Concurrency::forbid) return progress(day).miss(still_runs(*other));
    if (day.plan.concurrency == Concurrency::replace && other->phase != Phase::stopping)
      progress(*other).stop(day.due_by, "replaced by " + day.plan.name);
    if (!day.queued) output_.changed.insert(day.plan.name);
    day.queued = true;
  }

  std::string why_not_now(const Day& day) {
    if (frozen_) return *frozen_;
    if (!enough_approvals(day, now_)) return describe_approvals(day, now_);
    return day.plan.calendar.forbids(second()).value_or("");
  }

  Days& days_;
  std::optional<std::string>& frozen_;
  Instant now_;
  Output& output_;
};

}  // namespace

Output Scheduler::step(Instant now, const Event& event) {
  Output output;
  std::visit(Decision(days_, frozen_, now, output), event);
  return output;
}

}  // namespace fracas::controller::gameday
