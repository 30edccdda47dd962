#include "agent/faults/cpu_stress.h"

#include <fmt/format.h>

#include <cerrno>

#include "agent/resources/stress_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "cpu.stress";

Status check(const model::Injection& injection) {
  const model::CpuStress& fault = injection.cpu_stress();
  if (fault.workers() < 1 || fault.workers() > kStressWorkersMax)
    return failure(fmt::format("cpu.stress: workers must be 1 to {}", kStressWorkersMax), EINVAL);
  if (!(fault.load() >= 0.01 && fault.load() <= 1)) return failure("cpu.stress: load must be 1% to 100%", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::CpuStress& fault = preparation.injection.cpu_stress();
  return stress_beside_victim(preparation, {.kind = StressKind::cpu, .workers = fault.workers(), .share = fault.load()},
                              {"cpu", "cpuset"});
}

FaultSupport probe() {
  if (auto works = probe_stress(); !works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "worker processes", .accuracy = "periods of 10 ms"};
}

}  // namespace

constexpr FaultKind kCpuStress{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_noted_steps, .probe = probe};

}  // namespace fracas::agent
