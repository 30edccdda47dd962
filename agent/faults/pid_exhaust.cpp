#include "agent/faults/pid_exhaust.h"

#include <cerrno>

#include "agent/resources/pid_limit.h"
#include "agent/resources/resource_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "pid.exhaust";
constexpr unsigned kSpareMax = 100'000;

Status check(const model::Injection& injection) {
  if (injection.pid_exhaust().spare() > kSpareMax) return failure("pid.exhaust: spare must be at most 100000", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return hold_change(preparation, plan_pid_limit({.victims = preparation.victims,
                                                  .spare = preparation.injection.pid_exhaust().spare(),
                                                  .id = group_name(preparation.record),
                                                  .others = other_steps(preparation.record)}));
}

FaultSupport probe() {
  auto mechanism = pid_limit_mechanism();
  if (!mechanism) return {.missing = mechanism.error().message};
  return {.available = true, .mechanism = *mechanism, .accuracy = "one process or thread"};
}

}  // namespace

constexpr FaultKind kPidExhaust{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_noted_steps, .probe = probe};

}  // namespace fracas::agent
