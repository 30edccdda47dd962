#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// When a schedule says so, on clocks without a zone. Pure. Source: crontab(5) of Vixie's cron.
namespace fracas::controller::gameday {

// Five fields: minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or jan-dec), day of the week (0-7 or
// sun-sat; 0 and 7 are Sunday). Each is a list, by commas, of `*`, N, N-M, and `*` or N-M with a step `/S`. If both
// kinds of days are restricted, which is to say that neither field begins with `*`, either of them is enough.
class Cron {
 public:
  // ERRORS: which field is wrong and what it may say. A date that no year has (31 feb) is none.
  static Result<Cron> parse(std::string_view text);

  // Whether it has times on that day. REQUIRES: day.ok().
  bool on(std::chrono::year_month_day day) const;
  // The times of each such day, from midnight, ascending; never empty.
  const std::vector<std::chrono::minutes>& times() const { return times_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::chrono::minutes> times_;
  std::uint64_t days_ = 0;      // bit N: day N of the month
  std::uint64_t months_ = 0;    // bit N: month N
  std::uint64_t weekdays_ = 0;  // bit N: day N of the week, 0 = Sunday
  bool either_day_ = false;
};

// The number of a day of the week by its first three letters in any case, 0 = Sunday; -1 if there is none.
int weekday_number(std::string_view name);

}  // namespace fracas::controller::gameday
