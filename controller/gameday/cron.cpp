#include "controller/gameday/cron.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace fracas::controller::gameday {
namespace {

struct Field {
  std::string_view name;
  unsigned least = 0;
  unsigned most = 0;
  std::span<const std::string_view> names;  // of the values from `least` on; empty: none
};

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<Field, 5> kFields{{{"minute", 0, 59, {}},
                                        {"hour", 0, 23, {}},
                                        {"day of the month", 1, 31, {}},
                                        {"month", 1, 12, kMonths},
                                        {"day of the week", 0, 7, kWeekdays}}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;; ++begin) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    if (end == text.size()) return parts;
    begin = end;
  }
}

int index_of(std::string_view name, std::span<const std::string_view> names) {
  const auto same = [](char left, char right) { return (left | 0x20) == right; };
  for (std::size_t i = 0; i < names.size(); ++i)
    if (name.size() == 3 && std::equal(name.begin(), name.end(), names[i].begin(), same)) return static_cast<int>(i);
  return -1;
}

std::optional<unsigned> whole_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<unsigned> parse_value(std::string_view text, const Field& field) {
  if (const int index = index_of(text, field.names); index >= 0) return field.least + static_cast<unsigned>(index);
  const auto number = whole_number(text);
  if (number && *number >= field.least && *number <= field.most) return *number;
  const std::string names = field.names.empty() ? "" : fmt::format(" or {}-{}", field.names[0], field.names.back());
  return failure(fmt::format("{} \"{}\" is not {} to {}{}", field.name, text, field.least, field.most, names));
}

// One element of a field's list, as a set of bits.
Result<std::uint64_t> parse_element(std::string_view text, const Field& field) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  const std::size_t dash = range.find('-');
  auto first = Result<unsigned>(field.least);
  auto last = Result<unsigned>(field.most);
  if (range != "*") {
    first = parse_value(range.substr(0, dash), field);
    last = dash == std::string_view::npos ? first : parse_value(range.substr(dash + 1), field);
  }
  if (!first || !last) return failure(first ? last.error() : first.error());
  if (*first > *last) return failure(fmt::format("{} \"{}\" goes backwards", field.name, range));
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const auto given = whole_number(text.substr(slash + 1));
    if (!given || *given == 0) return failure(fmt::format("{} \"{}\" has no step from 1 on", field.name, text));
    if (range != "*" && dash == std::string_view::npos)
      return failure(
          fmt::format("{} \"{}\" has a step without a range: {}-{}/{}", field.name, text, *first, field.most, *given));
    step = *given;
  }
  std::uint64_t bits = 0;
  for (unsigned value = *first; value <= *last; value += std::min(step, 64U)) bits |= std::uint64_t{1} << value;
  return bits;
}

Result<std::uint64_t> parse_field(std::string_view text, const Field& field) {
  std::uint64_t bits = 0;
  for (const std::string_view element : split(text, ",")) {
    const auto parsed = parse_element(element, field);
    if (!parsed) return failure(parsed.error());
    bits |= *parsed;
  }
  return bits;
}

bool has(std::uint64_t bits, unsigned value) {
  return (bits >> value & 1U) != 0;
}

std::vector<std::chrono::minutes> times_of(std::uint64_t hours, std::uint64_t minutes) {
  std::vector<std::chrono::minutes> times;
  for (unsigned hour = 0; hour < 24; ++hour)
    for (unsigned minute = 0; minute < 60; ++minute)
      if (has(hours, hour) && has(minutes, minute)) times.emplace_back(hour * 60 + minute);
  return times;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  std::vector<std::string_view> words = split(text, " \t");
  std::erase(words, std::string_view());
  if (words.size() != kFields.size())
    return failure(fmt::format("\"{}\" has {} fields; a schedule has five: minute hour day-of-month month day-of-week",
                               text, words.size()));
  std::array<std::uint64_t, kFields.size()> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto parsed = parse_field(words[i], kFields[i]);
    if (!parsed) return failure(parsed.error());
    bits[i] = *parsed;
  }
  Cron cron;
  cron.text_ = text;
  cron.times_ = times_of(bits[1], bits[0]);
  cron.days_ = bits[2];
  cron.months_ = bits[3];
  cron.weekdays_ = has(bits[4], 7) ? bits[4] | 1U : bits[4];
  cron.either_day_ = !words[2].starts_with('*') && !words[4].starts_with('*');
  return cron;
}

bool Cron::on(std::chrono::year_month_day day) const {
  if (!has(months_, static_cast<unsigned>(day.month()))) return false;
  const bool of_month = has(days_, static_cast<unsigned>(day.day()));
  const bool of_week = has(weekdays_, std::chrono::weekday(std::chrono::sys_days(day)).c_encoding());
  return either_day_ ? of_month || of_week : of_month && of_week;
}

int weekday_number(std::string_view name) {
  return index_of(name, kWeekdays);
}

}  // namespace fracas::controller::gameday
