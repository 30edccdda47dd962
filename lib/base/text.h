#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace fracas {

// Without spaces, tabs and ends of lines before and after it. Borrows the text.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

// NUL as U+FFFD: for those whose texts cannot hold it, as PostgreSQL's.
inline std::string without_nul(std::string text) {
  for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at))
    text.replace(at, 1, "\uFFFD");
  return text;
}

// "fault" of one, "faults" of any other number; "losses".
inline std::string plural(std::string_view thing, std::size_t count) {
  const std::string_view ending = count == 1 ? "" : thing.ends_with('s') ? "es" : "s";
  return std::string(thing).append(ending);
}

// "1 fault", "3 faults".
inline std::string counted(std::size_t count, std::string_view thing) {
  return std::to_string(count) + " " + plural(thing, count);
}

}  // namespace fracas
