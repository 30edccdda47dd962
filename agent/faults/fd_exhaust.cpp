#include "agent/faults/fd_exhaust.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "agent/resources/fd_limit.h"
#include "agent/resources/resource_fault.h"
#include "agent/resources/soft_limit.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "fd.exhaust";
constexpr unsigned kSpareMax = 100'000;

Status check(const model::Injection& injection) {
  if (injection.fd_exhaust().spare() > kSpareMax) return failure("fd.exhaust: spare must be at most 100000", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  return hold_change(preparation, plan_fd_limit({.victims = preparation.victims,
                                                 .spare = preparation.injection.fd_exhaust().spare(),
                                                 .others = other_steps(preparation.record)}));
}

FaultSupport probe() {
  // What it is now: of another process this needs the same rights.
  auto limit = soft_limit(::getpid(), RLIMIT_NOFILE);
  const Status set = limit ? set_soft_limit(::getpid(), RLIMIT_NOFILE, *limit) : failure(limit.error());
  if (!set) return {.missing = set.error().message};
  return {.available = true, .mechanism = "prlimit", .accuracy = "one descriptor"};
}

}  // namespace

constexpr FaultKind kFdExhaust{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_noted_steps, .probe = probe};

}  // namespace fracas::agent
