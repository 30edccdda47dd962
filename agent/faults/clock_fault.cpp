#include "agent/faults/clock_fault.h"

#include <sys/random.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "agent/clock/deadline.h"
#include "agent/clock/probe.h"
#include "agent/clock/sweep.h"
#include "agent/clock/track.h"
#include "agent/faults/clock_shift.h"
#include "agent/faults/machine_clock_fault.h"
#include "lib/os/cgroup.h"

namespace fracas::agent {
namespace {

// Longer than any monotonic shift takes to melt away.
constexpr Duration kMeltPatience = clock::kMonotonicShiftMax * 2;
constexpr int kHex = 16;

Result<std::uint64_t> draw_owner() {
  std::uint64_t owner = 0;
  if (::getrandom(&owner, sizeof owner, 0) != sizeof owner) return system_failure("draw a number");
  return owner;
}

// What else works for processes that are born later, and for deadlines.
std::string describe_followers() {
  const auto mount = os::Cgroup::mount_point();
  if (!mount) return "; later programs within 50 ms; absolute deadlines are the kernel's";
  const auto tracker = clock::ProcessTracker::attach({*mount});
  if (!tracker) return "; later programs within 50 ms; absolute deadlines are the kernel's";
  const auto deadlines = clock::DeadlineRepair::attach(*tracker);
  return deadlines ? "; later programs before they run; absolute deadlines repaired"
                   : "; later programs before they run; absolute deadlines are the kernel's (no bpf_probe_write_user)";
}

}  // namespace

Status choose_clocks(model::Clocks clocks, clock::Skew& skew) {
  skew.realtime = clocks == model::CLOCKS_REALTIME || clocks == model::CLOCKS_BOTH;
  skew.monotonic = clocks == model::CLOCKS_MONOTONIC || clocks == model::CLOCKS_BOTH;
  if (!skew.realtime && !skew.monotonic)
    return failure("unknown clocks " + std::to_string(static_cast<int>(clocks)), EINVAL);
  return {};
}

Result<std::unique_ptr<Effect>> prepare_clock(const clock::Skew& skew, const Preparation& preparation) {
  const auto owner = draw_owner();
  if (!owner) return failure(owner.error());
  if (auto noted = preparation.record.note(fmt::format("{:x}", *owner)); !noted)
    return failure(std::move(noted).error());
  return shift_clocks(skew, *owner, preparation);
}

// Without a note no process was touched yet.
Status undo_clock(const LedgerRecord& record, KilledServices /*killed*/) {
  if (record.note.empty()) return {};
  if (is_machine_clock_note(record.note)) return undo_machine_clock(record.note);
  std::uint64_t owner = 0;
  const char* end = record.note.data() + record.note.size();
  if (const auto read = std::from_chars(record.note.data(), end, owner, kHex);
      read.ec != std::errc() || read.ptr != end)
    return failure("its note cannot be read: " + record.note);
  auto released = release_clock(record);
  auto recovered = clock::recover_all(owner, kMeltPatience);
  return recovered ? released : recovered;
}

Status release_clock(const LedgerRecord& record) {
  for (const ServiceSite& service : record.services) {
    const auto processes = processes_of(service);
    if (!processes) return failure(processes.error());
    for (const os::ProcessIdentity& process : *processes) clock::let_go_held({process.pid});
  }
  return {};
}

bool is_on_machine_clock(const LedgerRecord& record) {
  return is_machine_clock_note(record.note);
}

FaultSupport probe_clock_fault() {
  const auto support = clock::probe_clock();
  if (!support) return {.missing = support.error().message};
  std::string accuracy = support->fast ? "1 ns, at vDSO speed" : "1 ns, ten times slower reads";
  accuracy += describe_followers();
  if (!support->witnessed) accuracy += "; its effect cannot be counted: no hardware breakpoints";
  return {.available = true, .mechanism = "vdso patch", .accuracy = std::move(accuracy)};
}

}  // namespace fracas::agent
