#include "controller/gameday/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fracas::controller::gameday {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::year_month_day;

constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

year_month_day date_of(local_days day) {
  return year_month_day(std::chrono::sys_days(day.time_since_epoch()));
}

unsigned weekday_of(local_days day) {
  return std::chrono::weekday(std::chrono::sys_days(day.time_since_epoch())).c_encoding();
}

std::string date_text(local_days day) {
  const year_month_day date = date_of(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string time_text(minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

// A number of exactly as many digits as `text` has characters.
std::optional<unsigned> digits(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<local_days> parse_date(std::string_view text) {
  const auto year = text.size() == 10 ? digits(text.substr(0, 4)) : std::nullopt;
  const auto month = year ? digits(text.substr(5, 2)) : std::nullopt;
  const auto day = month ? digits(text.substr(8, 2)) : std::nullopt;
  if (day && text[4] == '-' && text[7] == '-') {
    const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                              std::chrono::day(*day)};
    if (date.ok()) return local_days(std::chrono::sys_days(date).time_since_epoch());
  }
  return failure(fmt::format("\"{}\" is no date; one is written like 2026-12-24", text));
}

Result<minutes> parse_time(std::string_view text) {
  const auto hour = text.size() == 5 && text[2] == ':' ? digits(text.substr(0, 2)) : std::nullopt;
  const auto minute = hour ? digits(text.substr(3, 2)) : std::nullopt;
  if (minute && *minute < 60 && *hour * 60 + *minute <= 24 * 60) return minutes(*hour * 60 + *minute);
  return failure(fmt::format("\"{}\" is no time of the day; one is written like 09:30", text));
}

Status add_days(std::string_view text, std::bitset<7>& days_of_week) {
  const std::size_t dash = text.find('-');
  const int first = weekday_number(text.substr(0, dash));
  const int last = dash == std::string_view::npos ? first : weekday_number(text.substr(dash + 1));
  if (first < 0 || last < 0)
    return failure(fmt::format("\"{}\" is no day of the week; they are written like fri or mon-thu", text));
  for (int day = first;; day = (day + 1) % 7) {
    days_of_week.set(static_cast<std::size_t>(day));
    if (day == last) return {};
  }
}

}  // namespace

Result<StartWindow> StartWindow::parse(const std::vector<std::string>& days, std::string_view from,
                                       std::string_view to) {
  StartWindow window;
  for (const std::string& each : days)
    if (auto added = add_days(each, window.days); !added) return failure(std::move(added).error());
  if (days.empty()) window.days.set();
  const auto begin = parse_time(from);
  const auto end = parse_time(to);
  if (!begin || !end) return failure(begin ? end.error() : begin.error());
  window.from = *begin;
  window.to = *end;
  return window;
}

bool StartWindow::contains(local_seconds local) const {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto time = local - day;
  const bool today = days.test(weekday_of(day));
  if (from < to) return today && time >= from && time < to;
  return (today && time >= from) || (days.test(weekday_of(day - std::chrono::days(1))) && time < to);
}

std::string StartWindow::text() const {
  std::string text;
  for (std::size_t i = 1; i <= 7; ++i)
    if (days.test(i % 7)) text += fmt::format("{}{}", text.empty() ? "" : ",", kWeekdays[i % 7]);
  return fmt::format("{} {}-{}", days.all() ? "daily" : text, time_text(from), time_text(to));
}

Result<Blackout> Blackout::parse(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_date(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_date(text.substr(dots + 2));
  if (!first || !last) return failure(first ? last.error() : first.error());
  if (*last < *first) return failure(fmt::format("\"{}\" ends before it begins", text));
  return Blackout{.first = *first, .last = *last};
}

std::string Blackout::text() const {
  return first == last ? date_text(first) : date_text(first) + ".." + date_text(last);
}

bool Calendar::allows(sys_seconds instant) const {
  const local_seconds local = zone.local(instant);
  const auto day = std::chrono::floor<days>(local);
  const auto covers = [day](const Blackout& each) { return each.first <= day && day <= each.last; };
  if (std::ranges::any_of(blackouts, covers)) return false;
  return windows.empty() || std::ranges::any_of(windows, [&](const auto& each) { return each.contains(local); });
}

std::optional<std::string> Calendar::forbids(sys_seconds instant) const {
  if (allows(instant)) return std::nullopt;
  const auto day = std::chrono::floor<days>(zone.local(instant));
  for (const Blackout& blackout : blackouts)
    if (blackout.first <= day && day <= blackout.last)
      return fmt::format("{} is a blackout date ({})", date_text(day), blackout.text());
  std::string all;
  for (const StartWindow& window : windows) all += fmt::format("{}{}", all.empty() ? "" : "; ", window.text());
  return fmt::format("{} is outside the windows ({})", zone.text(instant), all);
}

std::vector<sys_seconds> Calendar::starts(sys_seconds after, sys_seconds until, std::size_t most) const {
  std::vector<sys_seconds> found;
  if (!cron) return found;
  // A zone may skip a whole day, as Samoa did: its times then start a day later.
  const auto last = std::chrono::floor<days>(zone.local(until));
  for (auto day = std::chrono::floor<days>(zone.local(after)) - days(1); day <= last; day += days(1)) {
    if (!cron->on(date_of(day))) continue;
    for (const minutes time : cron->times()) {
      const sys_seconds start = zone.instant(day + time);
      if (start <= after || start > until || (!found.empty() && start <= found.back()) || !allows(start)) continue;
      found.push_back(start);
      if (found.size() == most) return found;
    }
  }
  return found;
}

std::optional<sys_seconds> Calendar::next(sys_seconds after) const {
  const auto found = starts(after, after + kHorizon, 1);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

}  // namespace fracas::controller::gameday
