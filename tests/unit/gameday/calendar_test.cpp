#include "controller/gameday/calendar.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "lib/base/random.h"
#include "tests/catch/catch.h"

using namespace fracas::controller::gameday;
using namespace std::chrono;
using fracas::RandomStream;

namespace {

Calendar calendar(const std::string& zone, const std::string& cron) {
  auto found = Zone::find(zone);
  if (!found) FAIL(found.error().message);
  auto parsed = Cron::parse(cron);
  if (!parsed) FAIL(parsed.error().message);
  return Calendar{.zone = *std::move(found), .cron = *std::move(parsed), .windows = {}, .blackouts = {}};
}

StartWindow window(const std::vector<std::string>& days, const std::string& from, const std::string& to) {
  auto parsed = StartWindow::parse(days, from, to);
  if (!parsed) FAIL(parsed.error().message);
  return *parsed;
}

Blackout blackout(const std::string& text) {
  auto parsed = Blackout::parse(text);
  if (!parsed) FAIL(parsed.error().message);
  return *parsed;
}

sys_seconds utc(int y, unsigned m, unsigned d, int h = 0, int minute = 0) {
  return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(minute);
}

std::string starts(const Calendar& calendar, sys_seconds after, std::size_t most) {
  std::string all;
  for (const sys_seconds start : calendar.starts(after, after + days(400), most))
    all += calendar.zone.text(start) + "; ";
  return all;
}

// What starts() must give, told minute by minute from the zone's clocks alone: a matching time that they show for the
// first time is a start, as is the minute in which they have gone forward over one.
std::vector<sys_seconds> minute_by_minute(const Calendar& calendar, sys_seconds after, sys_seconds until) {
  const auto matches = [&](local_seconds local) {
    const auto day = floor<days>(local);
    const auto time = floor<minutes>(local - day);
    return calendar.cron->on(year_month_day(sys_days(day.time_since_epoch()))) &&
           std::ranges::binary_search(calendar.cron->times(), time);
  };
  std::vector<sys_seconds> found;
  // A day earlier: what was shown before `after` is not shown for the first time behind it.
  local_seconds latest = calendar.zone.local(after - hours(26));
  for (sys_seconds now = after - hours(26) + minutes(1); now <= until; now += minutes(1)) {
    const local_seconds shown = calendar.zone.local(now);
    bool start = false;
    for (local_seconds local = latest + minutes(1); local <= shown; local += minutes(1))
      start = start || matches(local);
    latest = std::max(latest, shown);
    if (start && now > after && calendar.allows(now)) found.push_back(now);
  }
  return found;
}

std::string random_field(RandomStream& random, unsigned least, unsigned most) {
  const auto value = [&] { return least + static_cast<unsigned>(random.below(most - least + 1)); };
  switch (random.below(5)) {
    case 0:
      return fmt::format("{}", value());
    case 1: {
      const unsigned first = value();
      return fmt::format("{}-{}", first, first + random.below(most - first + 1));
    }
    case 2:
      return fmt::format("*/{}", 1 + random.below(most));
    case 3:
      return fmt::format("{},{}", value(), value());
    default:
      return "*";
  }
}

// Zones whose clocks change by an hour, by half an hour, at midnight, at odd offsets, or by a whole day; each with a
// moment at which they do.
struct Change {
  std::string zone;
  sys_seconds at;
};
const std::array kChanges{
    Change{"Europe/Berlin", utc(2026, 3, 29, 1)},       Change{"Europe/Berlin", utc(2026, 10, 25, 1)},
    Change{"America/New_York", utc(2026, 3, 8, 7)},     Change{"America/St_Johns", utc(2026, 11, 1, 4, 30)},
    Change{"Australia/Lord_Howe", utc(2026, 4, 4, 15)}, Change{"Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)},
    Change{"America/Sao_Paulo", utc(2018, 11, 4, 3)},   Change{"Asia/Beirut", utc(2024, 3, 30, 22)},
    Change{"Asia/Kathmandu", utc(2026, 1, 1)},          Change{"Pacific/Apia", utc(2011, 12, 30, 10)},
    Change{"Africa/Casablanca", utc(2026, 2, 15, 2)},   Change{"UTC", utc(2028, 2, 29)}};

}  // namespace

TEST_CASE("calendar: a schedule is meant in its zone, in winter and in summer", "[unit][gameday]") {
  const Calendar berlin = calendar("Europe/Berlin", "0 14 * * fri");
  CHECK(starts(berlin, utc(2026, 3, 21), 2) == "Fri 2026-03-27 14:00 CET; Fri 2026-04-03 14:00 CEST; ");
  CHECK(berlin.next(utc(2026, 3, 21)) == utc(2026, 3, 27, 13));
  CHECK(berlin.next(utc(2026, 3, 27, 13)) == utc(2026, 4, 3, 12));
}

TEST_CASE("calendar: a time that the clocks skip starts when they have gone forward, once", "[unit][gameday]") {
  CHECK(starts(calendar("Europe/Berlin", "30 2 * * *"), utc(2026, 3, 28, 12), 2) ==
        "Sun 2026-03-29 03:00 CEST; Mon 2026-03-30 02:30 CEST; ");
  CHECK(starts(calendar("Europe/Berlin", "*/30 2-3 * * *"), utc(2026, 3, 28, 12), 3) ==
        "Sun 2026-03-29 03:00 CEST; Sun 2026-03-29 03:30 CEST; Mon 2026-03-30 02:00 CEST; ");
  CHECK(starts(calendar("Pacific/Apia", "0 12 30 12 *"), utc(2011, 12, 29), 1) == "Sat 2011-12-31 00:00 +14; ");
}

TEST_CASE("calendar: of a time that comes twice the first counts", "[unit][gameday]") {
  CHECK(starts(calendar("Europe/Berlin", "30 2 * * *"), utc(2026, 10, 24, 12), 2) ==
        "Sun 2026-10-25 02:30 CEST; Mon 2026-10-26 02:30 CET; ");
  CHECK(starts(calendar("Europe/Berlin", "0 * * * *"), utc(2026, 10, 24, 23, 30), 3) ==
        "Sun 2026-10-25 02:00 CEST; Sun 2026-10-25 03:00 CET; Sun 2026-10-25 04:00 CET; ");
}

TEST_CASE("calendar: random schedules start when a clock that is watched every minute says so", "[unit][gameday]") {
  RandomStream random(6, "calendar");
  std::size_t seen = 0;
  for (int round = 0; round < 240; ++round) {
    const Change& change = kChanges[static_cast<std::size_t>(round) % kChanges.size()];
    const std::string text =
        fmt::format("{} {} {} {} {}", random_field(random, 0, 59), random_field(random, 0, 5),
                    random_field(random, 1, 31), random_field(random, 1, 12), random_field(random, 0, 7));
    Calendar days_and_times = calendar(change.zone, text);
    if (random.chance(0.3)) days_and_times.windows.push_back(window({"sat-mon"}, "01:30", "03:15"));
    if (random.chance(0.2)) days_and_times.windows.push_back(window({"fri"}, "22:00", "04:00"));
    const sys_seconds after = change.at - hours(40) + minutes(random.below(600));
    const sys_seconds until = change.at + hours(60);
    CAPTURE(change.zone, text, rfc3339(after));
    const auto expected = minute_by_minute(days_and_times, after, until);
    CHECK(days_and_times.starts(after, until, 100'000) == expected);
    if (!expected.empty()) CHECK(days_and_times.next(after) == expected.front());
    seen += expected.size();
  }
  CHECK(seen > 1000);
}

TEST_CASE("calendar: windows and blackout dates forbid starts, and say so", "[unit][gameday]") {
  Calendar days_and_times = calendar("Europe/Berlin", "0 9,14 * * *");
  days_and_times.windows = {window({"mon-thu"}, "10:00", "16:00")};
  days_and_times.blackouts = {blackout("2026-12-21..2027-01-06"), blackout("2026-12-15")};
  CHECK(starts(days_and_times, utc(2026, 12, 13, 20), 5) ==
        "Mon 2026-12-14 14:00 CET; Wed 2026-12-16 14:00 CET; Thu 2026-12-17 14:00 CET; Thu 2027-01-07 14:00 CET; "
        "Mon 2027-01-11 14:00 CET; ");
  CHECK(days_and_times.forbids(utc(2026, 12, 15, 12)) == "2026-12-15 is a blackout date (2026-12-15)");
  CHECK(days_and_times.forbids(utc(2026, 12, 23, 12)) == "2026-12-23 is a blackout date (2026-12-21..2027-01-06)");
  CHECK(days_and_times.forbids(utc(2026, 12, 14, 15)) ==
        "Mon 2026-12-14 16:00 CET is outside the windows (mon,tue,wed,thu 10:00-16:00)");
  CHECK_FALSE(days_and_times.forbids(utc(2026, 12, 14, 14, 59)));
}

TEST_CASE("calendar: a window over midnight belongs to the day on which it begins", "[unit][gameday]") {
  Calendar night = calendar("UTC", "0 * * * *");
  night.windows = {window({"fri"}, "22:00", "02:00")};
  CHECK(starts(night, utc(2026, 11, 26), 5) ==
        "Fri 2026-11-27 22:00 UTC; Fri 2026-11-27 23:00 UTC; Sat 2026-11-28 00:00 UTC; Sat 2026-11-28 01:00 UTC; "
        "Fri 2026-12-04 22:00 UTC; ");
}

TEST_CASE("calendar: the 29th of February is found, what never comes is not", "[unit][gameday]") {
  CHECK(calendar("UTC", "0 0 29 2 *").next(utc(2096, 3, 1)) == utc(2104, 2, 29));
  CHECK_FALSE(calendar("UTC", "0 0 31 2,4,6,9,11 *").next(utc(2026, 1, 1)));
  Calendar never = calendar("UTC", "0 9 * * *");
  never.windows = {window({}, "10:00", "16:00")};
  CHECK_FALSE(never.next(utc(2026, 1, 1)));
}

TEST_CASE("calendar: what is no window, no date and no zone is refused", "[unit][gameday]") {
  CHECK(StartWindow::parse({"fri-mon"}, "00:00", "24:00")->text() == "mon,fri,sat,sun 00:00-24:00");
  CHECK(StartWindow::parse({"someday"}, "00:00", "24:00").error().message ==
        "\"someday\" is no day of the week; they are written like fri or mon-thu");
  CHECK_FALSE(StartWindow::parse({}, "9:00", "24:00").has_value());
  CHECK_FALSE(StartWindow::parse({}, "09:00", "24:01").has_value());
  for (const char* text : {"2026-02-29", "2026-13-01", "26-01-01", "2026/01/01", "2026-01-01..", "2026-1-1"})
    CHECK_FALSE(Blackout::parse(text).has_value());
  CHECK(Blackout::parse("2026-01-02..2026-01-01").error().message ==
        "\"2026-01-02..2026-01-01\" ends before it begins");
  CHECK(Zone::find("Europe/Bärlin").error().message.find("there is no time zone") == 0);
  for (const char* name : {"", "../../etc/passwd", "/usr/share/zoneinfo/UTC", "Europe"})
    CHECK_FALSE(Zone::find(name).has_value());
  for (const char* name : {"US/Eastern", "Asia/Kolkata", "Etc/GMT+3", "Europe/Kyiv"})
    CHECK(Zone::find(name).has_value());
}
