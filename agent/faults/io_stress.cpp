#include "agent/faults/io_stress.h"

#include <fmt/format.h>

#include <cerrno>

#include "agent/resources/stress_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "io.stress";

Status check(const model::Injection& injection) {
  const model::IoStress& fault = injection.io_stress();
  if (fault.workers() < 1 || fault.workers() > kStressWorkersMax)
    return failure(fmt::format("io.stress: workers must be 1 to {}", kStressWorkersMax), EINVAL);
  if (fault.size() < 4096) return failure("io.stress: size must be 4KiB at least", EINVAL);
  if (!(fault.rate() >= 0 && fault.rate() <= 1e6)) return failure("io.stress: rate must be at most 1000000/s", EINVAL);
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const model::IoStress& fault = preparation.injection.io_stress();
  return stress_beside_victim(preparation,
                              {.kind = StressKind::io,
                               .workers = fault.workers(),
                               .bytes = fault.size(),
                               .rate_per_second = fault.rate(),
                               .folder = preparation.victims.front().spec.working_directory},
                              {"blkio", "memory"});
}

FaultSupport probe() {
  if (auto works = probe_stress(); !works) return {.missing = works.error().message};
  return {.available = true, .mechanism = "worker processes", .accuracy = "writes of 64 KiB, each synced"};
}

}  // namespace

constexpr FaultKind kIoStress{
    .name = kName, .check = check, .prepare = prepare, .undo = undo_noted_steps, .probe = probe};

}  // namespace fracas::agent
