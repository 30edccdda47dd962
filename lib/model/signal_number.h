#pragma once
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "lib/model/fault.pb.h"

namespace fracas::model {

// The number of the signal that a kill sends, on this system; nothing for a signal that only a newer program knows, and
// for a `number` that is none of a real-time signal. Source: sigabbrev_np(3), whose "TERM" is our SIGNAL_TERM.
inline std::optional<int> signal_number(const ProcessKill& kill) {
  constexpr std::uint32_t kFirstRealTime = 34;  // the C library keeps the two before it
  constexpr std::uint32_t kLast = 64;
  const std::uint32_t number = kill.number();
  if (number > 0)
    return number >= kFirstRealTime && number <= kLast ? std::optional(static_cast<int>(number)) : std::nullopt;
  const std::string& name = Signal_Name(kill.signal());
  for (int named = 1; named < static_cast<int>(kFirstRealTime); ++named) {
    const char* abbreviation = ::sigabbrev_np(named);
    if (abbreviation != nullptr && name == std::string("SIGNAL_") + abbreviation) return named;
  }
  return std::nullopt;
}

}  // namespace fracas::model
