#include "agent/faults/clock_victims.h"

#include <fmt/format.h>

#include <cerrno>
#include <set>
#include <utility>

#include "agent/clock/patch.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"

namespace fracas::agent {

Status ClockVictims::add(const os::ProcessIdentity& process) {
  Known& known = known_[process.pid];
  const bool is_new = known.start_ticks != process.start_ticks;
  if (is_new) {
    known = {};
    known.start_ticks = process.start_ticks;
    ++counters_.matched;
  }
  const auto now = clock::look_into(process.pid);
  const bool patched = now && *now && (*now)->owner == owner_;
  if (!is_new && ((patched && known.patched) || known.refused)) return {};
  const auto fast = clock::attach(process.pid, owner_);
  known.refused = !fast;
  if (!fast) return failure(fast.error());
  fast_ = fast_ && *fast;
  known.patched = true;
  known.witness.reset();
  if (tracker_ != nullptr) tracker_->mark_patched(process.pid);
  if (!config_) return {};
  watch(process.pid, known);
  return configure(process.pid);
}

void ClockVictims::begins_program(pid_t pid) {
  if (const auto known = known_.find(pid); known != known_.end()) known->second.refused = false;
}

void ClockVictims::keep_only(const std::vector<os::ProcessIdentity>& processes) {
  std::set<pid_t> alive;
  for (const os::ProcessIdentity& process : processes) alive.insert(process.pid);
  std::erase_if(known_, [&alive](const auto& one) { return !alive.contains(one.first); });
}

// What a process has already stays but for its end: a forked child goes on as its parent did.
Status ClockVictims::configure(pid_t pid) const {
  const auto header = clock::look_into(pid);
  if (!header) return failure(header.error());
  if (!*header) return failure(fmt::format("process {} is not patched", pid), ENOENT);
  const auto now = clock::ClockReadings::now();
  const fracas_clock_config& current = clock::current_config(**header);
  const auto config = clock::has_window(current) ? current : clock::begun_late(*config_, now);
  return clock::configure(pid, owner_, clock::with_end(config, end_ns_, now));
}

void ClockVictims::move_end(std::int64_t end_ns) {
  end_ns_ = end_ns;
  if (!config_) return;
  for (auto& [pid, known] : known_) {
    if (!known.patched) continue;
    if (!known.witness && !known.affected) watch(pid, known);
    if (auto set = configure(pid); !set && set.error().code != ESRCH && set.error().code != ENOENT)
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
