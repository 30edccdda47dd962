#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/gameday/plan.h"
#include "controller/store/users.h"

// What is known of the game days: plain values, from which the scheduler decides and which the store keeps.
namespace fracas::controller::gameday {

// Wall-clock time: game days are appointments, and outlive the boot of a machine.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

// A user, as far as game days care.
struct Person {
  std::string name;
  Role role = Role::viewer;
};

enum class DayState { planned, approved, running, stopped, done, missed };
std::string_view text_of(DayState state);
std::optional<DayState> parse_day_state(std::string_view text);

enum class EntryKind { approved, started, fault, note, detected, mitigated, stopped, ended };
std::string_view text_of(EntryKind kind);
std::optional<EntryKind> parse_entry_kind(std::string_view text);

struct TimelineEntry {
  Instant at;
  EntryKind kind = EntryKind::note;
  std::string who;  // a user, or kScheduler
  std::string text;
  bool secret = false;  // tells something of the plan: not shown while a blind game day is under way
};
inline constexpr std::string_view kScheduler = "fracas";

enum class RunState { waiting, running, done, left_out };
std::string_view text_of(RunState state);
std::optional<RunState> parse_run_state(std::string_view text);

// One experiment of one game day.
struct DayRun {
  std::string file;
  std::string name;
  RunState state = RunState::waiting;
  std::string run;      // the run's id; empty before it began
  std::string verdict;  // empty before it ended
};

// One time that a game day took place, or did not, or is about to.
struct Occurrence {
  DayState state = DayState::planned;
  std::optional<Instant> started;
  std::string started_by;  // a user, or kScheduler
  std::optional<Instant> ended;
  std::vector<DayRun> runs;  // as planned; empty before the start
  std::vector<TimelineEntry> timeline;
  std::optional<Instant> first_fault;
  std::optional<Instant> detected;   // the first time somebody said so after the first fault
  std::optional<Instant> mitigated;  // likewise

  bool over() const { return state != DayState::planned && state != DayState::approved && state != DayState::running; }
  std::optional<double> detect_seconds() const;
  std::optional<double> mitigate_seconds() const;
};

struct ApprovalGiven {
  std::string who;
  Instant at;
  std::string fingerprint;  // of the plan that was approved
};

// Where a running game day is between two events.
enum class Phase { guarding, starting, running, pausing, stopping };

struct Day {
  explicit Day(Plan wanted) : plan(std::move(wanted)) {}

  Plan plan;
  std::string plan_text;
  std::string submitted_by;
  std::vector<ApprovalGiven> approvals;  // of each person the last
  Occurrence current;
  std::vector<Occurrence> past;  // latest last, kPastMax at most

  std::optional<sys_seconds> next;  // the next start by the schedule
  std::optional<sys_seconds> due;   // a start whose time has come, and that waits for something
  std::string due_by;               // who asked for it
  bool queued = false;              // it waits for another game day

  // While it runs.
  Phase phase = Phase::guarding;
  std::size_t step = 0;  // index of the run
  std::optional<Instant> pause_until;

  bool running() const { return current.state == DayState::running; }
};
inline constexpr std::size_t kPastMax = 20;
inline constexpr std::size_t kTimelineMax = 2000;

// By name.
using Days = std::map<std::string, Day, std::less<>>;

}  // namespace fracas::controller::gameday
