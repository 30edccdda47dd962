#include "agent/faults/clock_skew.h"

#include <cerrno>

#include "agent/faults/clock_fault.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::agent {
namespace {

constexpr std::string_view kName = "clock.skew";

Result<clock::Skew> skew_of(const model::ClockSkew& fault) {
  clock::Skew skew;
  const auto offset = parse_offset(fault.offset());
  if (!offset) return failure(offset.error());
  skew.offset = *offset;
  if (auto chosen = choose_clocks(fault.clocks(), skew); !chosen) return failure(std::move(chosen).error());
  if (auto valid = clock::check_skew(skew); !valid) return failure(std::move(valid).error());
  return skew;
}

Status check(const model::Injection& injection) {
  if (auto skew = skew_of(injection.clock_skew()); !skew) return failure(std::move(skew).error().context(kName));
  return require_services(kName, injection.scope());
}

Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
  const auto skew = skew_of(preparation.injection.clock_skew());
  if (!skew) return failure(skew.error());
  return prepare_clock(*skew, preparation);
}

}  // namespace

constexpr FaultKind kClockSkew{.name = kName,
                               .ends_by_itself = true,
                               .check = check,
                               .prepare = prepare,
                               .undo = undo_clock,
                               .probe = probe_clock_fault};

}  // namespace fracas::agent
