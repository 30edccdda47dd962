#include "controller/gameday/game_days.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "controller/gameday/day_json.h"
#include "controller/gameday/guards.h"
#include "controller/gameday/machine_check.h"
#include "controller/serve/event_log.h"
#include "controller/serve/run_control.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/freeze.h"
#include "controller/store/gamedays.h"
#include "lib/base/log.h"
#include "lib/model/probe.pb.h"

namespace fracas::controller::gameday {
namespace {

using std::chrono::milliseconds;

// Between two looks at the clock; a start is at most so late.
constexpr milliseconds kTick{200};
// Between two looks at a run that says nothing.
constexpr milliseconds kRunLook{250};
// After this a stop answers although its run, which was just about to begin, is not known to be over.
constexpr std::chrono::seconds kStopPatience{30};
// After this a start answers although its guards were not all asked yet.
constexpr std::chrono::seconds kGuardPatience{20};

Instant wall() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

sys_seconds wall_second() {
  return std::chrono::floor<std::chrono::seconds>(wall());
}

void log_if_failed(const Status& status) {
  if (!status) log::error("game days: {}", status.error().message);
}

std::string describe(const LiveTally::Fault& fault) {
  std::string victims;
  for (const std::string& victim : fault.victims) victims += (victims.empty() ? " on " : ", ") + victim;
  return fault.kind + victims;
}

// Whether the game day that started then waits for its guards.
bool asks_guards(const Days& days, const std::string& name, const std::optional<Instant>& started) {
  const auto found = days.find(name);
  return found != days.end() && found->second.running() && found->second.phase == Phase::guarding &&
         found->second.current.started == started;
}

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  return failed ? 0 : size;
}

}  // namespace

GameDays::GameDays(Database& database, RunControl& runs, ReadExperiment read)
    : database_(database),
      runs_(runs),
      read_(std::move(read)),
      notifier_([this](const std::string& day, const std::string& why) { untold(day, why); }) {}

GameDays::~GameDays() {
  clock_.request_stop();
  player_.request_stop();
}

Status GameDays::load() {
  const auto rows = list_gamedays(database_);
  if (!rows) return failure(rows.error());
  Days days;
  for (const StoredGameDay& row : *rows) {
    auto day = day_from_json(row.body, wall_second());
    if (day)
      days.emplace(row.name, *std::move(day));
    else
      log::error("game day {}: {}", row.name, day.error().message);
  }
  {
    const std::scoped_lock lock(mutex_);
    scheduler_ = Scheduler(std::move(days));
  }
  return tell(Restored{});
}

void GameDays::begin() {
  clock_ = std::jthread([this](const std::stop_token& stopping) { tick(stopping); });
  player_ = std::jthread([this](const std::stop_token& stopping) { work(stopping); });
}

Result<Day> GameDays::submit(const std::string& text, const Person& by) {
  auto plan = read_plan(text, "plan", read_, wall_second());
  if (!plan) return failure(plan.error().message, EINVAL);
  if (auto checked = check_machine(text, "plan"); !checked) return failure(checked.error().message, EINVAL);
  const std::string name = plan->name;
  return tell_and_find(name, Submitted{*std::move(plan), text, by});
}

Result<Day> GameDays::approve(const std::string& name, const Person& by) {
  return tell_and_find(name, Approved{name, by});
}

Result<Day> GameDays::start(const std::string& name, const Person& by) {
  if (auto told = tell(StartAsked{name, by}); !told) return failure(std::move(told).error());
  std::unique_lock lock(mutex_);
  const auto started = scheduler_.days().at(name).current.started;
  changed_.wait_for(lock, kGuardPatience, [&] { return !asks_guards(scheduler_.days(), name, started); });
  const Day& day = scheduler_.days().at(name);
  const Occurrence& current = day.current;
  const bool refused = current.started == started && current.over() && !current.runs.empty() &&
                       current.runs.front().state == gameday::RunState::left_out;
  if (refused) return failure(current.timeline.back().text, EEXIST);
  return day;
}

Result<Day> GameDays::stop(const std::string& name, const Person& by) {
  if (auto told = tell(StopAsked{name, by}); !told) return failure(std::move(told).error());
  std::unique_lock lock(mutex_);
  const auto over = [&] {
    const auto found = scheduler_.days().find(name);
    if (found == scheduler_.days().end() || !found->second.running()) return true;
    return faults_over_.contains(found->second.current.runs.at(found->second.step).run);
  };
  changed_.wait_for(lock, kStopPatience, over);
  return scheduler_.days().at(name);
}

Result<Day> GameDays::note(const Noted& noted) {
  return tell_and_find(noted.day, noted);
}

Result<Day> GameDays::find(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = scheduler_.days().find(name);
  if (found == scheduler_.days().end()) return failure(fmt::format("there is no game day \"{}\"", name), ENOENT);
  return found->second;
}

std::vector<Day> GameDays::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Day> days;
  for (const auto& [name, day] : scheduler_.days()) days.push_back(day);
  return days;
}

Result<Day> GameDays::tell_and_find(const std::string& name, const Event& event) {
  if (auto told = tell(event); !told) return failure(std::move(told).error());
  return find(name);
}

Status GameDays::tell(const Event& event) {
  Output output;
  if (auto decided = decide(event, output); !decided) return decided;
  changed_.notify_all();
  for (const Action& action : output.actions)
    if (const auto* stop = std::get_if<StopRun>(&action)) stop_run(*stop);
  return {};
}

Status GameDays::decide(const Event& event, Output& output) {
  const std::scoped_lock lock(mutex_);
  const auto freeze = read_freeze(database_);
  if (!freeze) return failure(freeze.error());
  scheduler_.step(wall(), FreezeSet{freeze->frozen, freeze->reason, Person{freeze->by, Role::viewer}});
  Scheduler before = scheduler_;
  output = scheduler_.step(wall(), event);
  if (output.refusal) return failure(*output.refusal);
  if (auto kept = keep(output); !kept) {
    scheduler_ = std::move(before);  // what is not in the store was not decided
    return kept;
  }
  for (const Action& action : output.actions)
    if (std::holds_alternative<AskGuards>(action) || std::holds_alternative<StartRun>(action)) to_do_.push_back(action);
  for (const Action& action : output.actions)
    if (const auto* said = std::get_if<Announce>(&action)) announce(*said);
  return {};
}

void GameDays::announce(const Announce& said) {
  const Day& day = scheduler_.days().at(said.day);
  if (!day.plan.recipients.empty()) notifier_.tell({.plan_text = day.plan_text, .said = said, .at = wall()});
}

void GameDays::untold(const std::string& day, const std::string& why) {
  log::warning("game day {}: not told: {}", day, why);
  log_if_failed(append_audit(database_, {std::string(kScheduler), "gameday.untold", day, why}));
}

Status GameDays::keep(const Output& output) {
  if (output.changed.empty() && output.actions.empty()) return {};
  auto transaction = database_.begin();
  if (!transaction) return failure(std::move(transaction).error());
  for (const std::string& name : output.changed)
    if (auto saved = save_gameday(database_, {name, day_to_json(scheduler_.days().at(name))}); !saved) return saved;
  for (const Action& action : output.actions)
    if (const auto* entry = std::get_if<Audit>(&action))
      if (auto noted = append_audit(database_, {entry->who, entry->action, entry->day, entry->details}); !noted)
        return noted;
  return transaction->commit();
}

void GameDays::stop_run(const StopRun& stop) {
  const auto stopped = runs_.stop(stop.run, stop.who);
  if (!stopped && stopped.error().code != EALREADY) log::error("stop {}: {}", stop.run, stopped.error().message);
  const std::scoped_lock lock(mutex_);
  faults_over_.insert(stop.run);
  changed_.notify_all();
}

void GameDays::tick(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    log_if_failed(tell(Tick{}));
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stopping, kTick, [] { return false; });
  }
}

void GameDays::work(const std::stop_token& stopping) {
  while (!stopping.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stopping, [this] { return !to_do_.empty(); })) return;
    const Action action = std::move(to_do_.front());
    to_do_.pop_front();
    lock.unlock();
    if (const auto* asked = std::get_if<AskGuards>(&action)) ask_guards(asked->day, stopping);
    if (const auto* start = std::get_if<StartRun>(&action)) play(*start, stopping);
  }
}

void GameDays::ask_guards(const std::string& name, const std::stop_token& stopping) {
  const auto day = find(name);
  if (!day) return;
  const auto started = day->current.started;
  const Guards guards = guards_of(day->plan_text);
  // Beside this thread, which ends it as soon as nobody wants to know any more.
  std::jthread asking([&](const std::stop_token& enough) {
    const std::vector<std::string> failed = failed_before(guards, enough);
    if (!enough.stop_requested()) log_if_failed(tell(GuardsAsked{name, failed}));
  });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stopping, [&] { return !asks_guards(scheduler_.days(), name, started); });
}

void GameDays::play(const StartRun& start, const std::stop_token& stopping) {
  const auto day = find(start.day);
  if (!day) return;
  const auto plan = read_plan(day->plan_text, start.day, read_, wall_second());
  std::string why;
  if (!plan) why = plan.error().message.substr(0, plan.error().message.find('\n'));
  if (plan && plan->fingerprint != day->plan.fingerprint)
    why = "an experiment was changed after the plan was submitted; submit it again";
  if (!why.empty()) return log_if_failed(tell(RunRefused{start.day, why}));
  const PlannedExperiment& planned = day->plan.experiments.at(start.step);
  StartOptions options{.file = planned.file,
                       .text = {},
                       .set = planned.overrides,
                       .seed = {},
                       .world = {},
                       .by = day->current.started_by,
                       .gameday = start.day,
                       .blind = day->plan.blind};
  {
    const std::scoped_lock lock(mutex_);
    faults_over_.clear();  // of runs that are long over
  }
  const auto run = runs_.start(options);
  if (!run) return log_if_failed(tell(RunRefused{start.day, run.error().message}));
  log_if_failed(tell(RunBegan{start.day, run->id}));
  const GuardWatch watch(guards_of(day->plan_text), [this, &start, &run](const std::string& sentence) {
    log_if_failed(tell(GuardFailed{start.day, run->id, sentence}));
  });
  follow(start.day, run->id, stopping);
}

void GameDays::follow(const std::string& name, const std::string& run, const std::stop_token& stopping) {
  const std::filesystem::path events = runs_.folders().events(run);
  std::size_t seen = 0;
  for (bool live = true; live && !stopping.stop_requested();) {
    const std::uint64_t bytes = size_of(events);
    const auto now = runs_.live(run);
    live = now.has_value();
    const LiveTally tally = live ? now->tally : read_tally(events);
    for (; seen < tally.faults().size(); ++seen) log_if_failed(tell(FaultSeen{name, describe(tally.faults()[seen])}));
    if (live) now->log->wait_beyond(bytes, kRunLook);
  }
  const auto done = runs_.wait_done(run, stopping);
  if (!done) return;
  const bool said = !done->headline.empty();
  log_if_failed(tell(RunEnded{name, run, done->verdict, done->as_expected, said ? done->headline : done->error}));
}

}  // namespace fracas::controller::gameday
