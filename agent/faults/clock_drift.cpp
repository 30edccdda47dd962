#include "agent/faults/clock_drift.h"

#include "agent/faults/clock_fault_kind.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "clock.drift";

Result<clock::Skew> skew_of(const model::Injection& injection) {
  const model::ClockDrift& fault = injection.clock_drift();
  clock::Skew skew;
  skew.drift_ppm = fault.ppm();
  if (auto chosen = choose_clocks(fault.clocks(), skew); !chosen) return failure(std::move(chosen).error());
  return skew;
}

}  // namespace

constexpr FaultKind kClockDrift = ClockFaultKind<kName, skew_of>::kKind;

}  // namespace fracas::agent
