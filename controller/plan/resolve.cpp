#include "controller/plan/resolve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <iterator>

#include "controller/plan/resolve_sockets.h"
#include "controller/plan/scene.h"
#include "lib/model/agent.pb.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"
#include "lib/model/ramp.h"
#include "lib/model/signal_number.h"

namespace fracas::controller {
namespace {

// The victims and those at the other end.
std::vector<model::Selection> selections_of(const model::FaultSpec& spec, const model::HostCounts& hosts) {
  std::vector<model::Selection> selections;
  const std::string* peers = model::peers_of(spec);
  for (const std::string* text : {&spec.on(), peers}) {
    if (text == nullptr || text->empty()) continue;
    if (auto selection = model::parse_selection(*text, hosts)) selections.push_back(std::move(*selection));
  }
  return selections;
}

std::string share_of(const char* what, double share) {
  return fmt::format("{:.3g}% {}", share * 100, what);
}

template <typename Message>
std::string calls_of(const Message& fault) {
  return fmt::format("{}", fmt::join(fault.calls(), ", "));
}

std::string describe_kill(const model::ProcessKill& kill) {
  return fmt::format("kill -{}", model::signal_number(kill).value_or(SIGKILL));
}

std::string describe_crash_point(const model::ProcessCrashPoint& fault) {
  static constexpr const char* kCalls[] = {"fsync", "write", "send", "rename"};
  const bool stops = fault.action() == model::ProcessCrashPoint::ACTION_STOP;
  const auto call = static_cast<std::size_t>(fault.call());
  return fmt::format("{} at {} {} of", stops ? "stop" : "crash", call < std::size(kCalls) ? kCalls[call] : "call",
                     fault.number());
}

}  // namespace

ResolvedFault::ResolvedFault() = default;
ResolvedFault::ResolvedFault(ResolvedFault&&) noexcept = default;
ResolvedFault& ResolvedFault::operator=(ResolvedFault&&) noexcept = default;
ResolvedFault::~ResolvedFault() = default;

void ResolvedFault::add(const std::string& host, std::unique_ptr<model::Injection> injection) {
  victims.push_back(host);
  injections[host] = std::move(injection);
}

bool needs_roles(const model::Experiment& experiment, const PlannedFault& fault) {
  return !roles_known(experiment, fault, {});
}

bool roles_known(const model::Experiment& experiment, const PlannedFault& fault, const Roles& roles) {
  const model::FaultSpec& spec = experiment.fault(static_cast<int>(fault.spec));
  for (const model::Selection& selection : selections_of(spec, model::host_counts(experiment))) {
    if (selection.needs_leader() && roles.leader.empty()) return false;
    if (selection.needs_old_leader() && roles.old_leader.empty()) return false;
    if (selection.needs_progress() && roles.most_lagging.empty()) return false;
  }
  return true;
}

Result<ResolvedFault> resolve(const model::Experiment& experiment, const PlannedFault& fault,
                              const std::vector<std::string>& hosts, const Roles& roles,
                              const std::map<std::string, HostAddresses>& addresses, const std::string& service) {
  model::FaultSpec now = experiment.fault(static_cast<int>(fault.spec));
  if (fault.ramp_step) {
    auto applied = model::apply_ramp_step(now, *fault.ramp_step);
    if (!applied) return failure(std::move(applied).error().context("ramp"));
  }
  Scene scene{experiment,
              fault,
              now,
              hosts,
              roles,
              addresses,
              service,
              model::host_counts(experiment),
              RandomStream(fault.seed, "victims")};
  const model::FaultSpec& spec = scene.spec();
  // No default: the compiler names a kind that has no case.
  switch (spec.kind_case()) {
    case model::FaultSpec::kNetPartition:
      return resolve_partition(scene);
    case model::FaultSpec::kNetLoss:
      return resolve_loss(scene);
    case model::FaultSpec::kNetDelay:
      return resolve_delay(scene);
    case model::FaultSpec::kNetDuplicate:
      return resolve_traffic(scene, share_of("duplicated", spec.net_duplicate().duplicate()));
    case model::FaultSpec::kNetCorrupt:
      return resolve_traffic(scene, share_of(spec.net_corrupt().silent() ? "silently corrupted" : "corrupted",
                                             spec.net_corrupt().corrupt()));
    case model::FaultSpec::kNetReorder:
      return resolve_traffic(scene, share_of("reordered", spec.net_reorder().reorder()));
    case model::FaultSpec::kNetBandwidth:
      return resolve_traffic(scene, fmt::format("{} kB/s", spec.net_bandwidth().rate() / 1000));
    case model::FaultSpec::kProcessKill:
      return resolve_service(scene, describe_kill(spec.process_kill()));
    case model::FaultSpec::kProcessPause:
      return resolve_service(scene, "freeze");
    case model::FaultSpec::kClockSkew:
      return resolve_service(scene, "clock " + spec.clock_skew().offset());
    case model::FaultSpec::kClockDrift:
      return resolve_service(scene, fmt::format("clock {:+} ppm", spec.clock_drift().ppm()));
    case model::FaultSpec::kClockStrobe:
      return resolve_service(scene, "clock " + spec.clock_strobe().first() + " / " + spec.clock_strobe().second());
    case model::FaultSpec::kNetReset:
      return resolve_reset(scene);
    case model::FaultSpec::kNetConnect:
      return resolve_connect(scene);
    case model::FaultSpec::kNetDns:
      return resolve_dns(scene);
    case model::FaultSpec::kDiskError:
      return resolve_service(scene, describe_disk_error(spec.disk_error()));
    case model::FaultSpec::kDiskDelay:
      return resolve_service(scene, describe_disk_delay(spec.disk_delay()));
    case model::FaultSpec::kDiskFill:
      return resolve_service(scene, "full disk on");
    case model::FaultSpec::kDiskLoseUnsynced:
      return resolve_service(scene, "power cut on");
    case model::FaultSpec::kDiskCorrupt:
      return resolve_service(scene, spec.disk_corrupt().stuck() ? "rotten disk on" : "wrong reads on");
    case model::FaultSpec::kDiskThrottle:
      return resolve_service(scene, describe_disk_throttle(spec.disk_throttle()));
    case model::FaultSpec::kCpuThrottle:
      return resolve_service(scene, fmt::format("{:.3g}% of a CPU for", spec.cpu_throttle().cpu() * 100));
    case model::FaultSpec::kCpuStress:
      return resolve_service(
          scene, fmt::format("{} x {:.3g}% CPU load on", spec.cpu_stress().workers(), spec.cpu_stress().load() * 100));
    case model::FaultSpec::kMemoryPressure:
      return resolve_service(scene, fmt::format("{} MiB held on", spec.memory_pressure().size() >> 20));
    case model::FaultSpec::kIoStress:
      return resolve_service(scene, fmt::format("{} writers on", spec.io_stress().workers()));
    case model::FaultSpec::kFdExhaust:
      return resolve_service(scene, "no descriptors for");
    case model::FaultSpec::kPidExhaust:
      return resolve_service(scene, "no processes for");
    case model::FaultSpec::kProcessCrashPoint:
      return resolve_service(scene, describe_crash_point(spec.process_crash_point()));
    case model::FaultSpec::kProcessRestart:
      return resolve_service(scene, "restart");
    case model::FaultSpec::kProcessOom:
      return resolve_service(scene, "out of memory:");
    case model::FaultSpec::kSyscallError:
      return resolve_service(
          scene, fmt::format("{} fail with {} on", calls_of(spec.syscall_error()), spec.syscall_error().error()));
    case model::FaultSpec::kSyscallDelay:
      return resolve_service(scene, fmt::format("{} +{} on", calls_of(spec.syscall_delay()),
                                                format_duration(model::from_proto(spec.syscall_delay().delay()))));
    case model::FaultSpec::KIND_NOT_SET:
      break;
  }
  return failure("a fault without a kind");
}

}  // namespace fracas::controller
