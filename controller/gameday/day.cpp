#include "controller/gameday/day.h"

#include <array>
#include <span>

namespace fracas::controller::gameday {
namespace {

constexpr std::array<std::string_view, 6> kDayStates{"planned", "approved", "running", "stopped", "done", "missed"};
constexpr std::array<std::string_view, 8> kEntryKinds{"approved", "started",   "fault",   "note",
                                                      "detected", "mitigated", "stopped", "ended"};
constexpr std::array<std::string_view, 4> kRunStates{"waiting", "running", "done", "left-out"};

template <typename Enum>
std::optional<Enum> find(std::string_view text, std::span<const std::string_view> names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

std::optional<double> seconds_between(const std::optional<Instant>& from, const std::optional<Instant>& to) {
  if (!from || !to) return std::nullopt;
  return std::chrono::duration<double>(*to - *from).count();
}

}  // namespace

std::string_view text_of(DayState state) {
  return kDayStates.at(static_cast<std::size_t>(state));
}
std::optional<DayState> parse_day_state(std::string_view text) {
  return find<DayState>(text, kDayStates);
}
std::string_view text_of(EntryKind kind) {
  return kEntryKinds.at(static_cast<std::size_t>(kind));
}
std::optional<EntryKind> parse_entry_kind(std::string_view text) {
  return find<EntryKind>(text, kEntryKinds);
}
std::string_view text_of(RunState state) {
  return kRunStates.at(static_cast<std::size_t>(state));
}
std::optional<RunState> parse_run_state(std::string_view text) {
  return find<RunState>(text, kRunStates);
}

std::optional<double> Occurrence::detect_seconds() const {
  return seconds_between(first_fault, detected);
}
std::optional<double> Occurrence::mitigate_seconds() const {
  return seconds_between(first_fault, mitigated);
}

}  // namespace fracas::controller::gameday
