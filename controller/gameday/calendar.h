#pragma once
#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/gameday/cron.h"
#include "controller/gameday/zone.h"

// When a game day starts by itself, and when a start is allowed at all. Pure but for the zone's database.
namespace fracas::controller::gameday {

// A time of the day on some days of the week. Where `to` is not after `from` it is of the next day.
struct StartWindow {
  std::bitset<7> days;  // 0 = Sunday
  std::chrono::minutes from{};
  std::chrono::minutes to{};  // the first minute outside

  // ERRORS: `days` are like "fri" or "mon-thu", at least one; the times like "09:30". "fri-mon" goes over the weekend.
  static Result<StartWindow> parse(const std::vector<std::string>& days, std::string_view from, std::string_view to);
  bool contains(local_seconds local) const;
  // "mon,tue,wed 10:00-16:00".
  std::string text() const;
};

// Days on which nothing starts, both included.
struct Blackout {
  local_days first;
  local_days last;

  // Reads "2026-12-24" or "2026-12-20..2027-01-06". ERRORS: a date that is none, one that ends before it begins.
  static Result<Blackout> parse(std::string_view text);
  std::string text() const;
};

struct Calendar {
  Zone zone;
  std::optional<Cron> cron;          // none: it starts by hand alone
  std::vector<StartWindow> windows;  // none: at any time
  std::vector<Blackout> blackouts;

  // Whether something may start at an instant.
  bool allows(sys_seconds instant) const;
  // Why it may not; nothing if it may.
  std::optional<std::string> forbids(sys_seconds instant) const;

  // The scheduled starts that are allowed, after `after` and up to `until`, ascending, `most` at most. A time that the
  // zone's clocks skip starts as they go forward over it; of one that comes twice the first counts. What then falls on
  // one instant is one start.
  std::vector<sys_seconds> starts(sys_seconds after, sys_seconds until, std::size_t most) const;
  // The first of them, within kHorizon.
  std::optional<sys_seconds> next(sys_seconds after) const;
};

// How far ahead a start is looked for: 29 February comes every eighth year at least.
inline constexpr std::chrono::days kHorizon{9 * 366};

}  // namespace fracas::controller::gameday
