#include "agent/faults/clock_drift.h"

#include <cerrno>

#include "agent/faults/clock_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "clock.drift";

Result<clock::Skew> skew_of(const model::ClockDrift& fault) {
  clock::Skew skew;
  skew.drift_ppm = fault.ppm();
  if (auto chosen = choose_clocks(fault.clocks(), skew); !chosen) return failure(std::move(chosen).error());
  if (auto valid = clock::check_skew(skew); !valid) return failure(std::move(valid).error());
  return skew;
}

Status check(const model::Injection& injection) {
  if (auto skew = skew_of(injection.clock_drift()); !skew) return failure(std::move(skew).error().context(kName));
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const auto skew = skew_of(preparation.injection.clock_drift());
  if (!skew) return failure(skew.error());
  return prepare_clock(*skew, preparation);
}

}  // namespace

constexpr FaultKind kClockDrift{.name = kName,
                                .ends_by_itself = true,
                                .check = check,
                                .prepare = prepare,
                                .undo = undo_clock,
                                .probe = probe_clock_fault};

}  // namespace fracas::agent
