#include "agent/faults/clock_strobe.h"

#include <cerrno>

#include "agent/faults/clock_fault_kind.h"
#include "lib/base/quantity.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "clock.strobe";

Result<clock::Skew> skew_of(const model::Injection& injection) {
  const model::ClockStrobe& fault = injection.clock_strobe();
  clock::Skew skew;
  const auto first = parse_offset(fault.first());
  if (!first) return failure(first.error().message, EINVAL);
  const auto second = parse_offset(fault.second());
  if (!second) return failure(second.error().message, EINVAL);
  skew.offset = *first;
  skew.strobe_by = *second - *first;
  skew.strobe_period = model::from_proto(fault.period());
  return skew;
}

}  // namespace

constexpr FaultKind kClockStrobe = ClockFaultKind<kName, skew_of>::kKind;

}  // namespace fracas::agent
