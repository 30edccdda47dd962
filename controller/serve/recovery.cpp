#include <fmt/format.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "controller/serve/event_log.h"
#include "controller/serve/host_name.h"
#include "controller/serve/run_control.h"
#include "controller/store/audit.h"
#include "controller/store/wall_time.h"
#include "lib/base/log.h"
#include "lib/os/process.h"
#include "lib/os/waiting.h"

namespace fracas::controller {
namespace {

constexpr auto kHealMax = std::chrono::minutes(2);
constexpr std::int64_t kDeathMax_ns = 10'000'000'000;

// The kernel killed it with its controller; should it live in spite of that, it is killed now.
void end_process(const StoredRun& row) {
  if (row.pid <= 0) return;
  const os::ProcessIdentity process{.pid = static_cast<pid_t>(row.pid), .start_ticks = row.pid_start};
  if (!process.alive()) return;
  ::kill(process.pid, SIGKILL);
  os::wait_until(kDeathMax_ns, [&] { return !process.alive(); });
}

// `fracas heal`; false if something remains, with its words in the log.
bool heal(const RunFolders& folders) {
  os::LaunchOptions options;
  options.argv = {folders.program.string(), "heal"};
  options.output = folders.state / "heal.log";
  auto healing = os::Process::launch(options);
  const auto ended = healing ? healing->wait_for(kHealMax) : std::nullopt;
  return ended && ended->signal == 0 && ended->code == 0;
}

// A lab is on the host of its controller; of a fleet's hosts the agents take care.
bool in_lab(const StoredRun& row) {
  return row.world == "lab" && row.state != RunState::waiting;
}

void mark(StoredRun& row, bool here, bool healed) {
  const bool begun = row.state != RunState::waiting;
  row.verdict = healed ? "aborted" : "cleanup-failed";
  row.error = begun ? "the controller ended while it ran" : "the controller ended before it began";
  row.unhealed = in_lab(row) && !here;
  if (row.unhealed)
    row.error += fmt::format("; its faults ended with their lease, the next controller on {} heals the rest", row.host);
  else if (in_lab(row))
    row.error += healed ? "; what it left is healed" : "; what it left could not be healed: see heal.log";
  row.headline = row.error;
  row.as_expected = false;
  row.state = RunState::done;
  row.ended = wall_now();
  row.pid = 0;
}

void tell_followers(const RunFolders& folders, const StoredRun& row, const LiveTally& tally) {
  const auto log = EventLog::open(folders.events(row.id));
  if (!log || tally.ended()) return;
  const nlohmann::ordered_json event{{"type", "verdict"},
                                     {"at_ms", tally.last_ms()},
                                     {"verdict", row.verdict},
                                     {"headline", row.headline},
                                     {"exit_code", row.verdict == "aborted" ? 4 : 7}};
  (*log)->append(event.dump());
}

}  // namespace

Status RunControl::recover() {
  auto rows = unfinished_runs(database_);
  if (!rows) return failure(std::move(rows).error());
  const auto here = [](const StoredRun& row) { return row.host.empty() || row.host == host_name(); };
  bool lab_here = false;
  for (const StoredRun& row : *rows) {
    if (!here(row)) continue;
    end_process(row);
    lab_here |= in_lab(row);
  }
  const bool healed = !lab_here || heal(folders_);
  for (StoredRun& row : *rows) {
    mark(row, here(row), healed || row.world == "sim" || !here(row));
    const LiveTally tally = read_tally(folders_.events(row.id));
    row.ok = tally.ok();
    row.fail = tally.fail();
    row.info = tally.info();
    row.p99_ms = tally.p99_ms();
    tell_followers(folders_, row, tally);
    if (auto saved = save_run(database_, row); !saved) return saved;
    if (auto noted = append_audit(database_, {"fracas", "run.end", row.id, row.verdict + ": " + row.error}); !noted)
      return noted;
    log::warning("run {}: {}", row.id, row.error);
  }
  return {};
}

Status RunControl::heal_here() {
  auto rows = unhealed_runs(database_, host_name());
  if (!rows) return failure(std::move(rows).error());
  if (rows->empty()) return {};
  const bool healed = heal(folders_);
  for (StoredRun& row : *rows) {
    row.unhealed = false;
    if (!healed) row.verdict = "cleanup-failed";
    if (auto saved = save_run(database_, row); !saved) return saved;
    const std::string details = healed ? "on " + row.host : "on " + row.host + " it failed: see heal.log";
    if (auto noted = append_audit(database_, {"fracas", "run.heal", row.id, details}); !noted) return noted;
  }
  return {};
}

}  // namespace fracas::controller
