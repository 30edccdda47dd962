#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/gameday/calendar.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

// A game day that could take place: its plan, with everything it names looked up.
namespace fracas::controller::gameday {

enum class MissedStart { skip, run_late };
enum class Concurrency { forbid, queue, replace };

// Who must agree. Names are users, "role:ROLE" all who have that role or a higher one.
struct ApprovalRule {
  std::vector<std::string> from;
  unsigned count = 0;
  std::chrono::seconds hold{};
  bool own = false;  // who submitted the plan may be one of them
};

struct PlannedExperiment {
  std::string file;  // below the library's folder
  std::vector<std::string> overrides;
  bool stop_on_unexpected = true;
  std::chrono::seconds pause{};  // before the next one
  std::string name;              // of the experiment
  bool violation_expected = false;
  Duration length{};  // of its phases
};

struct Plan {
  std::string name;
  std::string doc;
  bool blind = false;
  Calendar calendar;
  MissedStart missed = MissedStart::skip;
  std::chrono::seconds grace{};
  Concurrency concurrency = Concurrency::forbid;
  ApprovalRule approval;
  std::vector<PlannedExperiment> experiments;
  std::vector<std::string> guards;      // each in a line, as describe_guard()
  std::vector<std::string> recipients;  // of news, each in a line, as describe_recipient()
  // SHA-256 of all that is approved: the plan and its experiments, without their comments.
  std::string fingerprint;

  // From the first run's start to the last one's end.
  Duration length() const;
};

// What the library knows of an experiment.
struct LibraryExperiment {
  std::string name;
  bool violation_expected = false;
  Duration length{};
  std::string toml;  // in its canonical form
};
// Reads and checks the experiment of a file below the library's folder. ERRORS: its mistakes, one a line.
using ReadExperiment =
    std::function<Result<LibraryExperiment>(const std::string& file, const std::vector<std::string>& overrides)>;

// Reads a plan; `name` stands for its file in errors. `now` is where the search for its first start begins.
// ERRORS: one line "file:line:column: message" a mistake, in the order of the file: what the vocabulary refuses, a
// schedule, zone, window or date that is none, a schedule that never meets its windows, more approvals than there are
// people who may give them, an experiment that cannot run, a probe that cannot be a guard.
Result<Plan> read_plan(std::string_view text, const std::string& name, const ReadExperiment& read, sys_seconds now);

}  // namespace fracas::controller::gameday
