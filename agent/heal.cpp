#include "agent/heal.h"

#include <csignal>

#include <fmt/format.h>

#include "agent/fingerprint.h"
#include "agent/leftovers.h"
#include "agent/undo.h"
#include "lib/os/file.h"
#include "lib/os/waiting.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kAnswerWaitNs = 2'000'000'000;
constexpr std::int64_t kEndWaitNs = 2'000'000'000;

// Ends a process of an earlier agent. Returns whether it was there; `gently` gives it time to follow SIGTERM.
bool end_process(const os::ProcessIdentity& process, bool gently) {
  if (!process.alive()) return false;
  const auto gone = [&process] { return !process.alive(); };
  if (gently) {
    static_cast<void>(signal_process(process, SIGTERM));
    if (os::wait_until(kEndWaitNs, gone)) return true;
  }
  static_cast<void>(signal_process(process, SIGKILL));
  static_cast<void>(os::wait_until(kEndWaitNs, gone));
  return true;
}

// Undoes what it can, takes it out of `records`, and returns why it could not undo the others.
std::vector<std::string> undo_once(const Ledger& ledger, std::vector<LedgerRecord>& records, HealOutcome& outcome) {
  std::vector<std::string> failed;
  std::erase_if(records, [&](const LedgerRecord& record) {
    auto locked = ledger.lock(record.id, 1s);
    auto undone = locked ? undo_and_remove(ledger, record, KilledServices::leave) : Status(failure(locked.error()));
    if (undone)
      outcome.reverted.push_back(fmt::format("{} '{}'", record.kind, record.id));
    else
      failed.push_back(fmt::format("{} '{}': {}", record.kind, record.id, undone.error().message));
    return undone.has_value();
  });
  return failed;
}

void undo_ledger(const Ledger& ledger, HealOutcome& outcome) {
  auto content = ledger.read();
  if (!content) {
    outcome.leftovers.push_back(content.error().message);
    return;
  }
  // What an unreadable record asked for is unknown, but all its services are ended below and the file is kept.
  for (const std::string& unreadable : content->unreadable)
    outcome.reverted.push_back("unreadable record " + unreadable);
  // One fault may be in another's way (a process has one tracer only, a mount lies inside another), so those that
  // failed are tried again while it helps.
  std::vector<std::string> failed;
  for (std::size_t before = content->records.size() + 1;
       content->records.size() < before && !content->records.empty();) {
    before = content->records.size();
    failed = undo_once(ledger, content->records, outcome);
  }
  outcome.leftovers.insert(outcome.leftovers.end(), failed.begin(), failed.end());
}

void compare_with_start(const StateDir& state, const std::string& cgroup, HealOutcome& outcome) {
  const auto before = os::read_file(state.fingerprint());
  if (!before) return;  // The agent never got as far as touching anything.
  const auto now = take_fingerprint(cgroup, state.root());
  if (!now) {
    outcome.leftovers.push_back(now.error().message);
    return;
  }
  const auto differences = compare_fingerprints(split_lines(*before), *now);
  outcome.leftovers.insert(outcome.leftovers.end(), differences.begin(), differences.end());
}

// Returns whether the agent reverted everything by itself.
bool ask_agent(const AgentIdentity& agent, const Ledger& ledger, HealOutcome& outcome) {
  auto before = ledger.read();
  if (!before || !before->unreadable.empty()) return false;
  static_cast<void>(signal_process(agent.process, SIGUSR1));
  const auto empty = [&ledger] {
    const auto content = ledger.read();
    return content && content->records.empty();
  };
  if (!os::wait_until(kAnswerWaitNs, empty)) return false;
  for (const LedgerRecord& record : before->records)
    outcome.reverted.push_back(fmt::format("{} '{}'", record.kind, record.id));
  return true;
}

}  // namespace

HealOutcome heal_after_dead_agent(const StateDir& state) {
  HealOutcome outcome;
  auto ledger = Ledger::open(state.ledger());
  if (!ledger) {
    outcome.leftovers.push_back(ledger.error().message);
    return outcome;
  }
  const auto agent = state.agent();
  const std::string cgroup = agent ? agent->cgroup : "";
  if (const auto guardian = state.guardian(); guardian && end_process(*guardian, true))
    outcome.reverted.push_back("guardian");
  undo_ledger(*ledger, outcome);
  if (!cgroup.empty()) {
    auto ended = end_services(cgroup);
    if (!ended) outcome.leftovers.push_back(ended.error().message);
    for (const std::string& service : ended.value_or(std::vector<std::string>{}))
      outcome.reverted.push_back("service '" + service + "'");
  }
  if (agent) {
    const auto failed = sweep_leftovers();
    outcome.leftovers.insert(outcome.leftovers.end(), failed.begin(), failed.end());
  }
  compare_with_start(state, cgroup, outcome);
  if (outcome.leftovers.empty())
    if (auto forgotten = state.forget(); !forgotten) outcome.leftovers.push_back(forgotten.error().message);
  return outcome;
}

HealOutcome heal(const StateDir& state) {
  const auto agent = state.agent();
  if (!agent || !agent->process.alive()) return heal_after_dead_agent(state);
  HealOutcome asked;
  if (auto ledger = Ledger::open(state.ledger()); ledger && ask_agent(*agent, *ledger, asked)) return asked;
  end_process(agent->process, false);
  HealOutcome outcome = heal_after_dead_agent(state);
  outcome.reverted.insert(outcome.reverted.begin(), "agent that did not answer");
  return outcome;
}

}  // namespace fracas::agent
