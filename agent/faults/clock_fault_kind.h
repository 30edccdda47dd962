#pragma once
#include <cerrno>
#include <string>
#include <string_view>

#include "agent/faults/clock_fault.h"
#include "agent/faults/machine_clock_fault.h"
#include "agent/policy_scope.h"
#include "agent/scope.h"
#include "lib/model/agent.pb.h"

namespace fracas::agent {

// A kind of clock fault that differs from the others only in what it reads from its message: `skew_of` returns
// Result<clock::Skew>, unchecked.
template <const std::string_view& kName, Result<clock::Skew> (*skew_of)(const model::Injection&)>
struct ClockFaultKind {
  static Result<clock::Skew> checked(const model::Injection& injection) {
    auto skew = skew_of(injection);
    if (!skew) return skew;
    if (auto valid = clock::check_skew(*skew); !valid) return failure(std::move(valid).error());
    if (acts_on_system_clock(injection))
      if (auto valid = check_machine_skew(*skew); !valid) return failure(std::move(valid).error());
    return skew;
  }

  static Status check(const model::Injection& injection) {
    if (auto skew = checked(injection); !skew) return failure(std::move(skew).error().context(kName));
    if (!acts_on_system_clock(injection)) return require_victims(kName, injection);
    if (processes_in(injection) == nullptr) return {};
    return failure(std::string(kName) + ": `system` sets the machine's clock, not that of chosen processes", EINVAL);
  }

  static Result<std::unique_ptr<Effect>> prepare(const Preparation& preparation) {
    const auto skew = checked(preparation.injection);
    if (!skew) return failure(skew.error());
    if (acts_on_system_clock(preparation.injection)) return prepare_machine_clock(*skew, preparation);
    return prepare_clock(*skew, preparation);
  }

  static constexpr FaultKind kKind{.name = kName,
                                   .ends_by_itself = true,
                                   .check = check,
                                   .prepare = prepare,
                                   .undo = undo_clock,
                                   .probe = probe_clock_fault,
                                   .release = release_clock,
                                   .needs_guardian = is_on_machine_clock};
};

}  // namespace fracas::agent
