#include "lib/base/quantity.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace fracas {
namespace {

struct Unit {
  std::string_view name;
  double scale;
};

constexpr std::array<Unit, 6> kDurationUnits{
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Unit, 9> kByteUnits{{{"B", 1},
                                          {"KB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"KiB", 1024},
                                          {"MiB", 1048576},
                                          {"GiB", 1073741824},
                                          {"TB", 1e12},
                                          {"TiB", 1099511627776.0}}};

// Takes an unsigned decimal number off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
  std::size_t length = 0;
  bool digits = false;
  bool point = false;
  for (; length < text.size(); ++length) {
    const char c = text[length];
    if (c >= '0' && c <= '9') {
      digits = true;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!digits) return std::nullopt;
  const double value = std::strtod(std::string(text.substr(0, length)).c_str(), nullptr);
  text.remove_prefix(length);
  return value;
}

template <std::size_t N>
std::optional<double> take_unit(std::string_view& text, const std::array<Unit, N>& units) {
  std::size_t length = 0;
  while (length < text.size() && ((text[length] | 0x20) >= 'a' && (text[length] | 0x20) <= 'z')) ++length;
  for (const Unit& unit : units) {
    if (text.substr(0, length) != unit.name) continue;
    text.remove_prefix(length);
    return unit.scale;
  }
  return std::nullopt;
}

tl::unexpected<Error> not_a(std::string_view what, std::string_view text, std::string_view example) {
  return failure(fmt::format("\"{}\" is not {}; write it like {}", text, what, example));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view kExample = "\"20ms\", \"1.5s\" or \"2m\"";
  std::string_view rest = text;
  double total_ns = 0;
  if (rest.empty()) return not_a("a duration", text, kExample);
  while (!rest.empty()) {
    const auto number = take_number(rest);
    const auto unit = number ? take_unit(rest, kDurationUnits) : std::nullopt;
    if (!unit) return not_a("a duration", text, kExample);
    total_ns += *number * *unit;
  }
  if (total_ns > 9e18) return failure(fmt::format("\"{}\" is longer than 292 years", text));
  return Duration(std::llround(total_ns));
}

Result<Duration> parse_offset(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  auto length = parse_duration(text);
  if (length && negative) return -*length;
  return length;
}

std::string format_duration(Duration duration) {
  const auto ns = duration.count();
  if (ns == 0) return "0s";
  if (ns % 1'000'000'000 == 0) return fmt::format("{}s", ns / 1'000'000'000);
  if (ns % 1'000'000 == 0) return fmt::format("{}ms", ns / 1'000'000);
  if (ns % 1'000 == 0) return fmt::format("{}us", ns / 1'000);
  return fmt::format("{}ns", ns);
}

std::string describe_duration(Duration duration) {
  const double ns = static_cast<double>(duration.count());
  const double size = std::abs(ns);
  // What rounds to a thousand of a unit is told in the next: 999.9 ms is "1s", not "1e+03ms".
  if (size >= 60e9) return fmt::format("{:.3g}min", ns / 60e9);
  if (size >= 999.5e6) return fmt::format("{:.3g}s", ns / 1e9);
  if (size >= 999.5e3) return fmt::format("{:.3g}ms", ns / 1e6);
  if (size >= 999.5) return fmt::format("{:.3g}us", ns / 1e3);
  return fmt::format("{}ns", duration.count());
}

Result<double> parse_probability(std::string_view text) {
  constexpr std::string_view kExample = "\"5%\" or \"0.05\"";
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number || (!rest.empty() && rest != "%")) return not_a("a share", text, kExample);
  const double value = rest.empty() ? *number : *number / 100;
  if (value > 1) return failure(fmt::format("\"{}\" is more than 100%", text));
  return value;
}

Result<double> parse_rate(std::string_view text) {
  constexpr std::string_view kExample = "\"500/s\" or \"30/m\"";
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number || *number <= 0 || rest.size() < 2 || rest[0] != '/') return not_a("a rate", text, kExample);
  rest.remove_prefix(1);
  const auto unit = take_unit(rest, kDurationUnits);
  if (!unit || !rest.empty()) return not_a("a rate", text, kExample);
  return *number / (*unit / 1e9);  // exact for the second, so that what is written reads back equal
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr std::string_view kExample = "\"512B\", \"64KiB\" or \"10MB\"";
  std::string_view rest = text;
  const auto number = take_number(rest);
  const auto unit = number ? take_unit(rest, kByteUnits) : std::nullopt;
  if (!unit || !rest.empty()) return not_a("a size", text, kExample);
  const double bytes = *number * *unit;
  if (bytes > 9e18) return failure(fmt::format("\"{}\" is larger than 9 exabytes", text));
  return static_cast<std::uint64_t>(std::llround(bytes));
}

}  // namespace fracas
