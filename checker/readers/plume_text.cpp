#include <charconv>
#include <string>

#include "checker/readers/lines.h"
#include "checker/readers/sessions.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

// The numbers of "KEY,VALUE,SESSION,TRANSACTION)". False where the line is not that.
bool parse_numbers(std::string_view text, std::int64_t (&numbers)[4]) {
  for (std::size_t i = 0; i < 4; ++i) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    if (text.empty() || text[0] != (i < 3 ? ',' : ')')) return false;
    text.remove_prefix(1);
  }
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

Result<Reading> read_plume_text(const Text& text, const ReadOptions&) {
  Sessions sessions;
  NameIndex session_ids, transaction_ids;
  std::vector<std::string> session_names, transaction_names;
  Lines lines(text.bytes);
  std::string_view line;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    std::int64_t numbers[4]{};
    const bool letter = line[0] == 'r' || line[0] == 'w' || line[0] == 'R' || line[0] == 'W';
    if (!letter || line.size() < 2 || line[1] != '(' || !parse_numbers(line.substr(2), numbers))
      return failure_in_line(text, lines.start(), "neither \"r(KEY,VALUE,SESSION,TRANSACTION)\" nor \"w(…)\"");
    SessionOperation operation;
    operation.key = sessions.values().integer(numbers[0]);
    operation.value = sessions.values().integer(numbers[1]);
    operation.session = session_ids.of(std::to_string(numbers[2]), session_names);
    operation.transaction = transaction_ids.of(std::to_string(numbers[3]), transaction_names);
    operation.is_write = line[0] == 'w' || line[0] == 'W';
    sessions.add(operation);
  }
  return std::move(sessions).finish(Format::plume_text, static_cast<std::uint32_t>(session_names.size()));
}

}  // namespace fracas::checker
