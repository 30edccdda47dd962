#include "controller/gameday/cron.h"

#include <fmt/format.h>

#include "tests/catch/catch.h"

using namespace fracas::controller::gameday;
using namespace std::chrono;

namespace {

Cron cron(std::string_view text) {
  auto parsed = Cron::parse(text);
  if (!parsed) FAIL(parsed.error().message);
  return *std::move(parsed);
}

std::string mistake(std::string_view text) {
  const auto parsed = Cron::parse(text);
  return parsed ? "" : parsed.error().message;
}

// The days of November 2026 on which it has times; the first is a Sunday.
std::string days_of_november(std::string_view text) {
  std::string days;
  for (unsigned day = 1; day <= 30; ++day)
    if (cron(text).on(year(2026) / November / std::chrono::day(day))) days += fmt::format("{} ", day);
  return days;
}

std::string times(std::string_view text) {
  std::string all;
  const Cron schedule = cron(text);
  for (const minutes time : schedule.times()) all += fmt::format("{:02}:{:02} ", time.count() / 60, time.count() % 60);
  return all;
}

}  // namespace

TEST_CASE("cron: minutes and hours are lists of values, ranges and steps", "[unit][gameday]") {
  CHECK(times("30 14 * * *") == "14:30 ");
  CHECK(times("0,30 9-10 * * *") == "09:00 09:30 10:00 10:30 ");
  CHECK(times("*/20 23 * * *") == "23:00 23:20 23:40 ");
  CHECK(times("5-59/25 0,12 * * *") == "00:05 00:30 00:55 12:05 12:30 12:55 ");
  CHECK(times("0 */100 * * *") == "00:00 ");
  CHECK(cron("* * * * *").times().size() == 24 * 60);
}

TEST_CASE("cron: days of the week have names and numbers, and Sunday has two", "[unit][gameday]") {
  CHECK(days_of_november("0 0 * * fri") == "6 13 20 27 ");
  CHECK(days_of_november("0 0 * * 5") == "6 13 20 27 ");
  CHECK(days_of_november("0 0 * * 0") == "1 8 15 22 29 ");
  CHECK(days_of_november("0 0 * * 7") == days_of_november("0 0 * * SUN"));
  CHECK(days_of_november("0 0 * * 5-7") == "1 6 7 8 13 14 15 20 21 22 27 28 29 ");
  CHECK(days_of_november("0 0 * * mon-wed/2") == "2 4 9 11 16 18 23 25 30 ");
}

TEST_CASE("cron: of two restricted kinds of days either is enough, else both must agree", "[unit][gameday]") {
  CHECK(days_of_november("0 0 13 * fri") == "6 13 20 27 ");
  CHECK(days_of_november("0 0 10 * fri") == "6 10 13 20 27 ");
  CHECK(days_of_november("0 0 */2 * fri") == "13 27 ");
  CHECK(days_of_november("0 0 13 * *") == "13 ");
  CHECK(days_of_november("0 0 13 oct *").empty());
  CHECK(days_of_november("0 0 29-31 NOV *") == "29 30 ");
}

TEST_CASE("cron: each mistake is named with what would be right", "[unit][gameday]") {
  CHECK(mistake("0 14 * *") ==
        "\"0 14 * *\" has 4 fields; a schedule has five: minute hour day-of-month month day-of-week");
  CHECK(mistake("@daily").find("1 fields") != std::string::npos);
  CHECK(mistake("60 * * * *") == "minute \"60\" is not 0 to 59");
  CHECK(mistake("* 24 * * *") == "hour \"24\" is not 0 to 23");
  CHECK(mistake("* * 0 * *") == "day of the month \"0\" is not 1 to 31");
  CHECK(mistake("* * * nev *") == "month \"nev\" is not 1 to 12 or jan-dec");
  CHECK(mistake("* * * * freitag") == "day of the week \"freitag\" is not 0 to 7 or sun-sat");
  CHECK(mistake("* * * * fri-mon") == "day of the week \"fri-mon\" goes backwards");
  CHECK(mistake("5/10 * * * *") == "minute \"5/10\" has a step without a range: 5-59/10");
  CHECK(mistake("*/0 * * * *") == "minute \"*/0\" has no step from 1 on");
  CHECK(mistake("*/x * * * *") == "minute \"*/x\" has no step from 1 on");
  CHECK(mistake("1,,2 * * * *") == "minute \"\" is not 0 to 59");
  CHECK(mistake("-1 * * * *") == "minute \"\" is not 0 to 59");
  CHECK(mistake("99999999999999999999 * * * *") == "minute \"99999999999999999999\" is not 0 to 59");
}
