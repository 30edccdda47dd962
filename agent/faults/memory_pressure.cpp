#include "agent/faults/memory_pressure.h"

#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>

#include "agent/resources/stress_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "memory.pressure";

Status check(const model::Injection& injection) {
  if (injection.memory_pressure().size() < 4096)
    return failure("memory.pressure: size must be a page of 4KiB at least", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const std::uint64_t size = preparation.injection.memory_pressure().size();
  const auto left = memory_left_for(::getpid());
  if (!left) return failure(left.error());
  if (size > *left - *left / 10)
    return failure(fmt::format("{} bytes are more than 90 % of the {} this machine has available", size, *left),
                   ENOMEM);
  return stress_beside_victim(preparation, {.kind = StressKind::memory, .bytes = size}, {"memory"});
}

FaultSupport probe() {
  if (auto works = probe_stress(); !works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "worker process", .accuracy = "a page of 4 KiB"};
}

}  // namespace

constexpr FaultKind kMemoryPressure{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_noted_steps, .probe = probe};

}  // namespace fracas::agent
