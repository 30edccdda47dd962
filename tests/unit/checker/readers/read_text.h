#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "checker/readers/reading.h"

// What readers make of texts, in words.
namespace fracas::checker::tests {

inline Result<Reading> read_text(std::string_view text, const ReadOptions& options = {}) {
  const auto format = recognize(text);
  if (!format) return failure(format.error());
  return read_history({"h", text}, *format, options);
}

// "p1 write "k" 1 -> 1 ok 100..200 at n1", one line an operation.
inline std::vector<std::string> operations_of(const Result<Reading>& reading) {
  if (!reading) return {reading.error().message};
  const History& history = reading->history;
  std::vector<std::string> lines;
  for (const Operation& each : history.operations) {
    constexpr std::string_view kOutcomes[]{"ok", "fail", "info"};
    std::string line = history.processes[each.process] + " " + std::string(history.functions.name(each.function));
    if (!each.key.is_nil()) line += " " + history.describe(each.key) + ":";
    line += " " + history.describe(each.argument) + " -> " + history.describe(each.result) + " ";
    line += kOutcomes[static_cast<std::size_t>(each.outcome)];
    line += " " + std::to_string(each.invoke_ns) + "..";
    if (each.return_ns != kNever) line += std::to_string(each.return_ns);
    if (each.node != kNone) line += " at " + std::string(history.node_of(each));
    lines.push_back(std::move(line));
  }
  return lines;
}

// Why the text is refused; "accepted" where it is not.
inline std::string refusal_of(std::string_view text, const ReadOptions& options = {}) {
  const auto reading = read_text(text, options);
  return reading ? "accepted" : reading.error().message;
}

}  // namespace fracas::checker::tests
