#include "controller/gameday/zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <exception>
#include <utility>

namespace fracas::controller::gameday {
namespace {

date::local_seconds dates(local_seconds local) {
  return date::local_seconds(local.time_since_epoch());
}

std::string date_text(std::chrono::year_month_day day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

}  // namespace

Result<Zone> Zone::find(const std::string& name) {
  // The database is a folder; names that are not in its list never become paths.
  const auto named = [&](const auto& zone) { return zone.name() == name; };
  try {
    const date::tzdb& database = date::get_tzdb();
    const bool known = std::ranges::any_of(database.zones, named);
    if (known) return Zone(name, date::locate_zone(name));
  } catch (const std::exception& error) {
    return failure(fmt::format("time zones cannot be read: {}", error.what()));
  }
  return failure(fmt::format("there is no time zone \"{}\"; they are called like Europe/Berlin", name));
}

local_seconds Zone::local(sys_seconds instant) const {
  return local_seconds(zone_->to_local(instant).time_since_epoch());
}

sys_seconds Zone::instant(local_seconds local) const {
  const date::local_info info = zone_->get_info(dates(local));
  if (info.result == date::local_info::nonexistent) return sys_seconds(info.first.end.time_since_epoch());
  return sys_seconds(local.time_since_epoch() - info.first.offset);
}

std::string Zone::text(sys_seconds instant) const {
  const local_seconds shown = local(instant);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::hh_mm_ss time(shown - day);
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const std::chrono::year_month_day date{std::chrono::sys_days(day.time_since_epoch())};
  const std::chrono::weekday weekday{std::chrono::sys_days(day.time_since_epoch())};
  return fmt::format("{} {} {:02}:{:02} {}", kDays[weekday.c_encoding()], date_text(date), time.hours().count(),
                     time.minutes().count(), zone_->get_info(instant).abbrev);
}

std::string rfc3339(sys_seconds instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::hh_mm_ss time(instant - day);
  return fmt::format("{}T{:02}:{:02}:{:02}Z", date_text(day), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> instant) {
  const auto second = std::chrono::floor<std::chrono::seconds>(instant);
  std::string text = rfc3339(second);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, (instant - second).count());
}

}  // namespace fracas::controller::gameday
