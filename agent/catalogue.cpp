#include "agent/catalogue.h"

#include <algorithm>
#include <array>

#include "agent/faults/clock_drift.h"
#include "agent/faults/clock_skew.h"
#include "agent/faults/clock_strobe.h"
#include "agent/faults/cpu_stress.h"
#include "agent/faults/cpu_throttle.h"
#include "agent/faults/disk_corrupt.h"
#include "agent/faults/disk_delay.h"
#include "agent/faults/disk_error.h"
#include "agent/faults/disk_fill.h"
#include "agent/faults/disk_lose_unsynced.h"
#include "agent/faults/disk_throttle.h"
#include "agent/faults/fd_exhaust.h"
#include "agent/faults/io_stress.h"
#include "agent/faults/memory_pressure.h"
#include "agent/faults/net_bandwidth.h"
#include "agent/faults/net_connect.h"
#include "agent/faults/net_corrupt.h"
#include "agent/faults/net_delay.h"
#include "agent/faults/net_dns.h"
#include "agent/faults/net_duplicate.h"
#include "agent/faults/net_loss.h"
#include "agent/faults/net_partition.h"
#include "agent/faults/net_reorder.h"
#include "agent/faults/net_reset.h"
#include "agent/faults/pid_exhaust.h"
#include "agent/faults/process_crash_point.h"
#include "agent/faults/process_kill.h"
#include "agent/faults/process_oom.h"
#include "agent/faults/process_pause.h"
#include "agent/faults/process_restart.h"
#include "agent/faults/syscall_delay.h"
#include "agent/faults/syscall_error.h"
#include "lib/model/agent.pb.h"
#include "lib/model/options.pb.h"

namespace fracas::agent {
namespace {

// One line a fault, sorted as the oneof of FaultSpec.
constexpr auto kKinds = std::to_array<const FaultKind*>({
    &kNetPartition,      &kNetLoss,        &kNetDelay,       &kNetDuplicate,     &kNetCorrupt,  &kNetReorder,
    &kNetBandwidth,      &kProcessKill,    &kProcessPause,   &kClockSkew,        &kClockDrift,  &kClockStrobe,
    &kCpuThrottle,       &kCpuStress,      &kMemoryPressure, &kIoStress,         &kFdExhaust,   &kPidExhaust,
    &kProcessCrashPoint, &kProcessRestart, &kProcessOom,     &kNetReset,         &kNetConnect,  &kNetDns,
    &kDiskError,         &kDiskDelay,      &kDiskFill,       &kDiskLoseUnsynced, &kDiskCorrupt, &kDiskThrottle,
    &kSyscallError,      &kSyscallDelay,
});

}  // namespace

std::span<const FaultKind* const> catalogue() {
  return kKinds;
}

const FaultKind* find_kind(std::string_view name) {
  const auto found =
      std::find_if(kKinds.begin(), kKinds.end(), [name](const auto* kind) { return kind->name == name; });
  return found == kKinds.end() ? nullptr : *found;
}

const FaultKind* kind_of(const model::Injection& injection) {
  const auto* kinds = injection.GetDescriptor()->FindOneofByName("kind");
  const auto* chosen = injection.GetReflection()->GetOneofFieldDescriptor(injection, kinds);
  if (chosen == nullptr) return nullptr;
  return find_kind(chosen->message_type()->options().GetExtension(model::message).kind());
}

}  // namespace fracas::agent
