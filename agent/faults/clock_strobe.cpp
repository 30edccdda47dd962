#include "agent/faults/clock_strobe.h"

#include <cerrno>

#include "agent/faults/clock_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "clock.strobe";

Result<clock::Skew> skew_of(const model::ClockStrobe& fault) {
  clock::Skew skew;
  const auto first = parse_offset(fault.first());
  if (!first) return failure(first.error());
  const auto second = parse_offset(fault.second());
  if (!second) return failure(second.error());
  skew.offset = *first;
  skew.strobe_by = *second - *first;
  skew.strobe_period = model::from_proto(fault.period());
  if (auto valid = clock::check_skew(skew); !valid) return failure(std::move(valid).error());
  return skew;
}

Status check(const model::Injection& injection) {
  if (auto skew = skew_of(injection.clock_strobe()); !skew) return failure(std::move(skew).error().context(kName));
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const auto skew = skew_of(preparation.injection.clock_strobe());
  if (!skew) return failure(skew.error());
  return prepare_clock(*skew, preparation);
}

}  // namespace

constexpr FaultKind kClockStrobe{.name = kName,
                                 .ends_by_itself = true,
                                 .check = check,
                                 .prepare = prepare,
                                 .undo = undo_clock,
                                 .probe = probe_clock_fault};

}  // namespace fracas::agent
