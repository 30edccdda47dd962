#include "controller/sim/sim_fault.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "lib/base/ensure.h"
#include "lib/model/agent.pb.h"
#include "lib/model/experiment.pb.h"

namespace fracas::controller {
namespace {

// The simulated member has one file, which it only opens, writes and syncs.
template <typename Fault>
std::string disk_refusal(const Fault& fault) {
  if (!fault.path().empty()) return "a simulated host has no folders to choose by `path`";
  if (::fnmatch(fault.files().c_str(), "wal", 0) != 0) return "the only file of a simulated node is \"wal\"";
  return {};
}

std::string crash_point_refusal(const model::ProcessCrashPoint& fault) {
  if (fault.call() == model::ProcessCrashPoint::CALL_FSYNC || fault.call() == model::ProcessCrashPoint::CALL_WRITE)
    return {};
  return "of the system calls only fsync and write to the disk are simulated";
}

}  // namespace

void SimFault::affected(SimWorld& world, std::uint64_t bytes) {
  ++counters_.affected;
  counters_.bytes += bytes;
  counters_.last_ns = world.now_ns();
  if (counters_.first_ns == 0) counters_.first_ns = counters_.last_ns;
}

RandomStream SimVictim::random(const char* purpose) const {
  return RandomStream(injection.scope().seed(), fmt::format("sim/{}/{}", purpose, host));
}

std::unique_ptr<SimFault> make_sim_fault(const SimVictim& victim) {
  for (const auto make : {make_net_fault, make_process_fault, make_clock_fault, make_disk_fault})
    if (auto fault = make(victim)) return fault;
  ensure(false, "a fault that is not simulated is refused before the run");
  return nullptr;
}

std::string sim_refusal(const model::FaultSpec& spec) {
  if (const model::NetFlows* flows = model::flows_of(spec); flows != nullptr && flows->prefixes_size() > 0)
    return "the hosts of an experiment alone are simulated, so `prefixes` need a world of real ones";
  if (model::processes_of(spec) != nullptr || model::senders_of(spec) != nullptr)
    return "a simulated host has one process, the target's: choosing others needs a real host";
  switch (spec.kind_case()) {
    case model::FaultSpec::kNetPartition:
    case model::FaultSpec::kNetLoss:
    case model::FaultSpec::kNetDelay:
    case model::FaultSpec::kNetDuplicate:
    case model::FaultSpec::kNetCorrupt:
    case model::FaultSpec::kNetReorder:
    case model::FaultSpec::kNetBandwidth:
    case model::FaultSpec::kNetReset:
    case model::FaultSpec::kNetConnect:
    case model::FaultSpec::kProcessKill:
    case model::FaultSpec::kProcessPause:
    case model::FaultSpec::kProcessRestart:
    case model::FaultSpec::kClockSkew:
    case model::FaultSpec::kClockDrift:
    case model::FaultSpec::kClockStrobe:
      return {};
    case model::FaultSpec::kProcessCrashPoint:
      return crash_point_refusal(spec.process_crash_point());
    case model::FaultSpec::kDiskLoseUnsynced:
      return disk_refusal(spec.disk_lose_unsynced());
    case model::FaultSpec::kDiskError:
      return disk_refusal(spec.disk_error());
    case model::FaultSpec::kDiskDelay:
      return disk_refusal(spec.disk_delay());
    case model::FaultSpec::kDiskFill:
      return disk_refusal(spec.disk_fill());
    case model::FaultSpec::kDiskThrottle:
      return disk_refusal(spec.disk_throttle());
    default:
      return model::kind_of(spec) + " is not simulated: it needs a real host";
  }
}

}  // namespace fracas::controller
