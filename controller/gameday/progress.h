#pragma once
#include <optional>
#include <string>
#include <vector>

#include "controller/gameday/day.h"
#include "controller/gameday/event.h"

// What happens to one game day from its start to its end. Pure.
namespace fracas::controller::gameday {

// One event's worth of it: changes the day, and adds what is to be done to the output. Both are borrowed.
class Progress {
 public:
  // `frozen`: why nothing may start; none: it may.
  Progress(Day& day, Instant now, const std::optional<std::string>& frozen, Output& output)
      : day_(day), now_(now), frozen_(frozen), output_(output) {}

  // Puts an occurrence that is over into the past, so that the next one can be prepared.
  void renew();
  // "planned" or "approved", as the approvals that count are enough. Does nothing to what runs or is over.
  void label();

  // REQUIRES: it does not run.
  void begin(const std::string& who);
  // The occurrence does not take place. While the game day runs, what is missed is a further one: only noted.
  void miss(const std::string& why);

  // REQUIRES of the following: it runs.
  void guards_asked(const std::vector<std::string>& failed);
  void guard_failed(const GuardFailed& failed);
  void run_began(const std::string& run);
  void run_refused(const std::string& why);
  void run_ended(const RunEnded& ended);
  void pause_over();
  void fault_seen(const std::string& text);
  // Ends it, at once or as soon as its run has ended.
  void stop(const std::string& who, const std::string& why);
  // Nothing of it runs any more.
  void finish(DayState state, const std::string& who, const std::string& why);

  void note(const Noted& noted);
  void enter(EntryKind kind, std::string_view who, const std::string& text, bool secret = false);
  void audit(std::string_view who, const std::string& action, const std::string& details);
  void announce(Happening what, const std::string& text);

 private:
  void ask_guards();
  DayRun& run() { return day_.current.runs.at(day_.step); }
  // What everybody may hear of the experiment at `step`.
  std::string label_of_step() const;

  Day& day_;
  Instant now_;
  const std::optional<std::string>& frozen_;
  Output& output_;
};

}  // namespace fracas::controller::gameday
