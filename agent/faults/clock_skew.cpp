#include "agent/faults/clock_skew.h"

#include <cerrno>

#include "agent/faults/clock_fault_kind.h"
#include "lib/base/quantity.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "clock.skew";

Result<clock::Skew> skew_of(const model::Injection& injection) {
  const model::ClockSkew& fault = injection.clock_skew();
  clock::Skew skew;
  const auto offset = parse_offset(fault.offset());
  if (!offset) return failure(offset.error().message, EINVAL);
  skew.offset = *offset;
  if (auto chosen = choose_clocks(fault.clocks(), skew); !chosen) return failure(std::move(chosen).error());
  return skew;
}

}  // namespace

constexpr FaultKind kClockSkew = ClockFaultKind<kName, skew_of>::kKind;

}  // namespace fracas::agent
