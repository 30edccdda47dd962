#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fracas {

// Every span of time in the project. 64 bits of nanoseconds reach 292 years.
using Duration = std::chrono::nanoseconds;

// Reads "20ms", "1.5s", "2m", "250us", "10ns", "1h30m". A number without a unit is an error, as is a negative one.
Result<Duration> parse_duration(std::string_view text);
// The same with a sign before it, or none: "-90s", "+5ms".
Result<Duration> parse_offset(std::string_view text);
// The shortest exact form parse_duration reads back: "20ms", "1500ms", "0s".
std::string format_duration(Duration duration);
// For people: three significant digits with a fitting unit, "1.53s", "20.1ms".
std::string describe_duration(Duration duration);

// Reads "40%" or "0.4" into [0, 1].
Result<double> parse_probability(std::string_view text);
// Reads "500/s", "30/m" into events per second, > 0.
Result<double> parse_rate(std::string_view text);
// Reads "64KiB", "10MB", "512B" into bytes. KiB is 1024, KB is 1000.
Result<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace fracas
