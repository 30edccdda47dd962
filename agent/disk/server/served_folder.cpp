#define FUSE_USE_VERSION 312
#include <fuse3/fuse.h>

#include <algorithm>
#include <atomic>

#include "agent/disk/server/files.h"
#include "lib/os/clock.h"

namespace fracas::agent {
namespace {

// A fault that is reverted early must not hold its victim, which cannot even be killed meanwhile.
constexpr std::int64_t kLookNs = 5'000'000;

}  // namespace

DiskVerdict ServedFolder::enter(const DiskCall& call) {
  const std::int64_t now = os::boot_now_ns();
  DiskVerdict verdict = judge(control_, call, now);
  const std::int64_t until = now + verdict.delay_ns;
  for (std::int64_t at = now; at < until && acts(control_.fault, at); at = os::boot_now_ns())
    os::sleep_until_boot_ns(std::min(until, at + kLookNs));
  return verdict;
}

bool ServedFolder::tracks(const std::string& path) const {
  if (control_.lose_unsynced == 0) return false;
  const std::int64_t start = std::atomic_ref(control_.fault.start_ns).load();
  // Also when the window is over, until the power is cut: nothing may become durable in between.
  return start != 0 && os::boot_now_ns() >= start && disk_rule_covers(control_, path);
}

void ServedFolder::cut_power() {
  if (control_.lose_unsynced == 0) return;
  const UnsyncedFiles::Loss loss = unsynced_.drop(control_.torn != 0, control_.fault.seed);
  // A power cut is felt where something was written that could be lost, also where all of it had been synced.
  const bool at_stake = std::atomic_ref(control_.fault.matched).load() > 0;
  if (at_stake) count_affected(control_.fault, os::boot_now_ns(), 1, loss.bytes);
}

ServedFolder& served() {
  return *static_cast<ServedFolder*>(fuse_get_context()->private_data);
}

const char* below(const char* path) {
  return path[1] == '\0' ? "." : path + 1;
}

}  // namespace fracas::agent
