#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

// What a fault with `when` waits for.
namespace fracas::model {

enum class RunEventKind : std::uint8_t {
  leader_elected,   // a node leads that did not lead before
  leader_lost,      // who led does no longer
  role_changed,     // a node takes another role
  first_violation,  // a linearizable check is contradicted
  fault_started,    // an occurrence of another fault
  fault_ended,
};

struct RunEvent {
  RunEventKind kind = RunEventKind::leader_elected;
  std::string fault{};  // whose start or end; empty for the other kinds

  bool operator==(const RunEvent&) const = default;
};

// Reads "leader-elected", "fault:NAME:ended", …: the names in the enum with hyphens. ERRORS: none of these, with a
// suggestion.
Result<RunEvent> parse_run_event(std::string_view text);
// What parse_run_event reads back.
std::string to_text(const RunEvent& event);

}  // namespace fracas::model
