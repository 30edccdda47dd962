#include "agent/faults/cpu_throttle.h"

#include <cerrno>

#include "agent/resources/cpu_quota.h"
#include "agent/resources/resource_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "cpu.throttle";
constexpr Duration kPeriod = 100ms;

Duration period_of(const model::CpuThrottle& fault) {
  return fault.has_period() ? model::from_proto(fault.period()) : kPeriod;
}

Status check(const model::Injection& injection) {
  const model::CpuThrottle& fault = injection.cpu_throttle();
  if (!(fault.cpu() >= 0.01 && fault.cpu() <= 1)) return failure("cpu.throttle: cpu must be 1% to 100%", EINVAL);
  const Duration period = period_of(fault);
  if (period < 1ms || period > 1s) return failure("cpu.throttle: period must be 1ms to 1s", EINVAL);
  // The kernel deals out no less.
  if (fault.cpu() * static_cast<double>(period.count()) < 1e6)
    return failure("cpu.throttle: cpu times period must be 1ms at least", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::CpuThrottle& fault = preparation.injection.cpu_throttle();
  return hold_change(preparation, plan_cpu_quota({.victims = preparation.victims,
                                                  .cpus = fault.cpu(),
                                                  .period = period_of(fault),
                                                  .id = group_name(preparation.record),
                                                  .others = other_steps(preparation.record)}));
}

FaultSupport probe() {
  auto mechanism = cpu_quota_mechanism();
  if (!mechanism) return {.missing = mechanism.error().message};
  return {.available = true, .mechanism = *mechanism, .accuracy = "CPU time within a few ms a period"};
}

}  // namespace

constexpr FaultKind kCpuThrottle{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_noted_steps, .probe = probe};

}  // namespace fracas::agent
