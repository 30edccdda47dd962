#include "tests/crash/round/round.h"

#include <fmt/format.h>

#include <csignal>
#include <sstream>

#include "agent/ledger.h"
#include "lib/os/clock.h"
#include "tests/crash/round/census.h"
#include "tests/crash/round/health.h"
#include "tests/crash/round/place.h"
#include "tests/crash/round/plan.h"

namespace fracas::crash {
namespace {

constexpr std::int64_t kPatienceNs = 60'000'000'000;
// What a killed controller asked for last may reach the agent's ledger only now.
constexpr std::int64_t kQuietNs = 1'000'000'000;

class Round {
 public:
  Round(const Plan& plan, Place& place, Outcome& outcome) : plan_(plan), place_(place), outcome_(outcome) {}

  void play() {
    const auto before = take_census(place_);
    if (!begin()) return;
    strike();
    if (place_.agent_runs()) {
      end_with_agent();
    } else {
      end_without_agent();
    }
    complain(find_crashes(place_));
    if (!outcome_.complaints.empty()) return;
    complain(left_over(place_, before));
  }

 private:
  void complain(const std::string& what) { outcome_.complaints.push_back(what); }
  void complain(const std::vector<std::string>& all) {
    outcome_.complaints.insert(outcome_.complaints.end(), all.begin(), all.end());
  }
  bool good(const Status& status) {
    if (!status) complain(status.error().message);
    return status.has_value();
  }

  bool begin();
  void strike();
  void end_with_agent();
  void end_without_agent();
  void start_anew();
  void shut_down();
  bool ledger_empties();
  bool ledger_is_empty() const;
  void check_services();

  const Plan& plan_;
  Place& place_;
  Outcome& outcome_;
  Constitution before_;
};

bool Round::begin() {
  if (!good(place_.launch_controller())) return false;
  const pid_t controller = place_.controller_pid();
  if (!good(place_.launch_agent(plan_.exit_with ? std::optional(controller) : std::nullopt))) return false;
  if (!good(place_.wait_for_agent()) || !good(place_.start_services())) return false;
  before_ = take_constitution(place_);
  const auto harm = find_harm(place_, before_);
  complain(harm);
  return harm.empty();
}

void Round::strike() {
  place_.let_controller_go();
  const std::int64_t begin = os::boot_now_ns();
  for (const Blow& blow : plan_.blows) {
    os::sleep_until_boot_ns(begin + blow.at.count());
    place_.kill(blow.target);
  }
}

// Its controller is gone before long; then the lease ends, and with it every fault.
void Round::end_with_agent() {
  place_.wait_for_controller();
  if (plan_.exit_with) {
    if (!place_.agent_leaves()) complain("the agent does not leave with its controller");
    return;
  }
  if (!ledger_empties()) return complain("faults outlive their controller");
  check_services();
  shut_down();
}

void Round::end_without_agent() {
  if (plan_.patient) {
    if (!place_.guardian_leaves()) complain("the guardian does not leave after its agent");
    // Where the guardian was killed too, nobody was there to revert.
    if (ledger_is_empty() && !plan_.exit_with) check_services();
  } else {
    os::sleep_until_boot_ns(os::boot_now_ns() + plan_.restart_after.count());
  }
  if (!plan_.heal) {
    start_anew();
    shut_down();
  } else if (const auto healed = place_.heal(); !healed) {
    complain(healed.error().message);
  }
  place_.kill(Target::controller);
  place_.wait_for_controller();
}

void Round::start_anew() {
  if (plan_.kill_next) {
    if (!good(place_.launch_agent(std::nullopt))) return;
    os::sleep_until_boot_ns(os::boot_now_ns() + plan_.kill_next->count());
    place_.kill(Target::agent);
    place_.agent_leaves();
  }
  if (good(place_.launch_agent(std::nullopt))) good(place_.wait_for_agent());
}

void Round::shut_down() {
  const auto ended = place_.stop_agent();
  if (!ended) return complain(ended.error().message);
  if (ended->signal != 0 || ended->code != 0)
    complain(fmt::format("the agent ended with code {}, signal {}", ended->code, ended->signal));
}

bool Round::ledger_is_empty() const {
  const auto ledger = agent::Ledger::open(place_.state().ledger());
  const auto content = ledger ? ledger->read() : failure("");
  return content && content->records.empty();
}

bool Round::ledger_empties() {
  const std::int64_t deadline = os::boot_now_ns() + kPatienceNs;
  for (std::int64_t quiet_since = os::boot_now_ns(); os::boot_now_ns() < quiet_since + kQuietNs;) {
    if (os::boot_now_ns() > deadline) return false;
    if (!ledger_is_empty()) quiet_since = os::boot_now_ns();
    os::sleep_until_boot_ns(os::boot_now_ns() + 5'000'000);
  }
  return true;
}

void Round::check_services() {
  const auto harm = find_harm(place_, before_);
  complain(harm);
  outcome_.outlived = harm.empty();
}

void count_faults(const std::string& log, Outcome& outcome) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, kind, what;
    words >> id >> kind >> what;
    if (what == "armed") ++outcome.armed[kind];
    if (what == "refused") ++outcome.refused[kind];
  }
}

std::string logs_of(const Place& place) {
  std::string text = "controller:\n" + place.controller_log() + "agent:\n" + place.agent_log();
  return text + "folder: " + place.folder().string() + "\n";
}

}  // namespace

Outcome play_round(std::uint64_t seed) {
  Outcome outcome;
  const auto plan = draw_plan(seed);
  if (!plan) {
    outcome.complaints.push_back("no plan: " + plan.error().message);
    return outcome;
  }
  outcome.replay = describe(*plan);
  auto place = Place::make(seed);
  if (!place) {
    outcome.complaints.push_back("no place: " + place.error().message);
    return outcome;
  }
  Round(*plan, *place, outcome).play();
  count_faults(place->controller_log(), outcome);
  if (outcome.complaints.empty()) return outcome;
  outcome.replay += logs_of(*place);
  place->keep();
  return outcome;
}

}  // namespace fracas::crash
