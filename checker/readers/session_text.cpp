#include <algorithm>

#include "checker/history/json_scanner.h"
#include "checker/readers/lines.h"
#include "checker/readers/sessions.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kSpace = " \t";

bool is_rule(std::string_view line, char c) {
  return line.size() >= 3 && std::all_of(line.begin(), line.end(), [c](char letter) { return letter == c; });
}

// The next word of the line, which it is taken from; empty at its end.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kSpace));
  line.remove_prefix(word.size());
  return word;
}

Value value_of(std::string_view word, Values& values) {
  JsonScanner scan(word);
  Value value;
  if (scan.value(values, value) && scan.at() == word.size()) return value;
  return values.text(word);
}

}  // namespace

Result<Reading> read_session_text(const Text& text, const ReadOptions&) {
  Sessions sessions;
  Lines lines(text.bytes);
  std::string_view line;
  SessionOperation operation;
  while (lines.next(line)) {
    if (line.find_first_not_of(kSpace) == std::string_view::npos) continue;
    if (is_rule(line, '-') || is_rule(line, '=')) {
      ++operation.transaction;
      if (line[0] == '=') ++operation.session;
      continue;
    }
    const std::string_view what = take_word(line);
    const std::string_view key = take_word(line);
    const std::string_view value = take_word(line);
    if ((what != "r" && what != "w" && what != "R" && what != "W") || value.empty() || !take_word(line).empty())
      return failure_in_line(text, lines.start(),
                             "neither \"r KEY VALUE\" nor \"w KEY VALUE\" nor a line of --- or ===");
    operation.is_write = what == "w" || what == "W";
    operation.key = value_of(key, sessions.values());
    operation.value = value_of(value, sessions.values());
    sessions.add(operation);
  }
  return std::move(sessions).finish(Format::session_text, operation.session + 1);
}

}  // namespace fracas::checker
