#include "checker/readers/etcd_log.h"

#include <fmt/format.h>

#include "checker/readers/edn_scanner.h"
#include "checker/readers/event_intake.h"
#include "checker/readers/lines.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kMark = "jepsen.util - ";

// What follows the mark, where the line is an event: a process (a number or :nemesis) and a type.
std::string_view event_part(std::string_view line) {
  const std::size_t mark = line.find(kMark);
  if (line.substr(0, 4) != "INFO" || mark == std::string_view::npos) return {};
  const std::string_view rest = line.substr(mark + kMark.size());
  const std::string_view process = rest.substr(0, rest.find_first_of(" \t"));
  const bool numbered = !process.empty() && process.find_first_not_of("0123456789") == std::string_view::npos;
  return numbered || process == ":nemesis" ? rest : std::string_view{};
}

}  // namespace

Result<Reading> read_etcd_log(const Text& text, const ReadOptions& options) {
  EventIntake intake(options);
  Lines lines(text.bytes);
  std::string_view line;
  std::string storage;
  std::size_t skipped = 0;
  while (lines.next(line)) {
    const std::string_view part = event_part(line);
    if (part.empty()) {
      if (!line.empty()) ++skipped;
      continue;
    }
    EdnScanner scan(part);
    EventFields event;
    const bool read = scan.name(event.process, storage) && scan.name(event.type, storage) &&
                      scan.name(event.function, storage) && scan.value(intake.values(), event.value);
    while (read && scan.ok() && scan.peek() != '\0' && scan.skip_value()) event.error = "error";
    if (!scan.ok()) {
      const auto offset = static_cast<std::size_t>(part.data() - text.bytes.data()) + scan.at();
      return failure_at(text, offset, scan.problem());
    }
    if (auto added = intake.add(event); !added) return failure_in_line(text, lines.start(), added.error().message);
  }
  Reading reading = std::move(intake).finish(Format::etcd_log);
  if (skipped > 0) reading.notes.push_back(fmt::format("{} lines of the log are no events and were skipped", skipped));
  return reading;
}

}  // namespace fracas::checker
