#include "agent/faults/clock_victims.h"

#include <fmt/format.h>

#include <cerrno>
#include <set>
#include <utility>

#include "agent/clock/patch.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

// The first attempt may meet a process in the middle of execve, when it has no vDSO yet.
constexpr int kAttemptsMax = 2;

}  // namespace

ClockVictims::Known& ClockVictims::know(const os::ProcessIdentity& process) {
  Known& known = known_[process.pid];
  if (known.start_ticks != process.start_ticks) {
    known = {};
    known.start_ticks = process.start_ticks;
    ++counters_.matched;
  }
  return known;
}

Status ClockVictims::add(const os::ProcessIdentity& process) {
  Known& known = know(process);
  const auto now = clock::look_into(process.pid);
  const bool patched = now && *now && (*now)->owner == owner_;
  if ((patched && known.patched && !known.unread) || known.refusals >= kAttemptsMax) return {};
  const auto fast = clock::attach(process.pid, owner_);
  if (!fast) {
    if (fast.error().code != ESRCH) ++known.refusals;
    return failure(fast.error());
  }
  fast_ = fast_ && *fast;
  known.patched = true;
  known.witness.reset();
  if (tracker_ != nullptr) tracker_->mark_patched(process.pid);
  if (!config_) return {};
  watch(process.pid, known);
  return configure(process.pid, std::exchange(known.unread, false));
}

void ClockVictims::begins_program(const os::ProcessIdentity& process, bool held) {
  Known& known = know(process);
  known.refusals = 0;
  known.unread = held;
}

void ClockVictims::keep_only(const std::vector<os::ProcessIdentity>& processes) {
  std::set<pid_t> alive;
  for (const os::ProcessIdentity& process : processes) alive.insert(process.pid);
  std::erase_if(known_, [&alive](const auto& one) { return !alive.contains(one.first); });
}

// What a process has already stays but for its end: a forked child goes on as its parent did. Unless it has not run: it
// may have been met already, as a child that had begun its program before the agent looked.
Status ClockVictims::configure(pid_t pid, bool unread) const {
  const auto header = clock::look_into(pid);
  if (!header) return failure(header.error());
  if (!*header) return failure(fmt::format("process {} is not patched", pid), ENOENT);
  const auto now = clock::ClockReadings::now();
  const fracas_clock_config& current = clock::current_config(**header);
  const auto late = clock::has_window(current) ? current : clock::begun_late(*config_, now);
  const auto config = unread ? *config_ : late;
  return clock::configure(pid, owner_, clock::with_end(config, end_ns_, now));
}

void ClockVictims::move_end(std::int64_t end_ns) {
  end_ns_ = end_ns;
  if (!config_) return;
  for (auto& [pid, known] : known_) {
    if (!known.patched) continue;
    if (!known.witness && !known.affected) watch(pid, known);
    if (auto set = configure(pid, false); !set && set.error().code != ESRCH && set.error().code != ENOENT)
      log::warning("{}", set.error().message);
  }
}

// Before the shift begins, so that the first shifted read is seen.
void ClockVictims::watch(pid_t pid, Known& known) {
  auto witness = clock::Witness::watch(pid);
  if (witness) known.witness.emplace(std::move(*witness));
}

void ClockVictims::look_for_readers() {
  if (!config_) return;
  for (auto& [pid, known] : known_) {
    if (!known.patched || known.affected) continue;
    if (!known.witness || !known.witness->seen()) {
      watch(pid, known);
      continue;
    }
    known.affected = true;
    known.witness.reset();
    ++counters_.affected;
    counters_.last_ns = os::boot_now_ns();
    if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
  }
}

}  // namespace fracas::agent
