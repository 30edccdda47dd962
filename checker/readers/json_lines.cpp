#include "checker/readers/json_lines.h"

#include <algorithm>

#include "checker/history/json_scanner.h"
#include "checker/readers/event_intake.h"
#include "checker/readers/json_events.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

constexpr std::size_t kReleaseStep = std::size_t{4} << 20;

class Reader {
 public:
  Reader(const Text& text, const ReadOptions& options)
      : text_(text), options_(options), scan_(text.bytes), intake_(options) {}

  Result<Reading> read() {
    reserve();
    while (skip_blank_lines()) {
      const std::size_t line = scan_.at();
      EventFields event;
      if (!events_.read(scan_, intake_.values(), event)) return failure_at(text_, scan_.at(), scan_.problem());
      if (auto added = intake_.add(event); !added) return failure_in_line(text_, line, added.error().message);
      release();
    }
    return std::move(intake_).finish(Format::json_lines);
  }

 private:
  // By the length of the first lines; a guess too small only costs a move.
  void reserve() {
    const std::string_view sample = text_.bytes.substr(0, std::size_t{64} << 10);
    const auto lines = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\n')) + 1;
    const std::size_t line_bytes = std::max<std::size_t>(sample.size() / lines, 16);
    intake_.reserve(text_.bytes.size() / line_bytes / 2 * 9 / 8 + 16);
  }

  bool skip_blank_lines() {
    while (scan_.peek() == '\n') scan_.skip_character();
    return scan_.at() < text_.bytes.size();
  }

  void release() {
    if (!options_.consumed || scan_.at() - released_ < kReleaseStep) return;
    released_ = scan_.at();
    options_.consumed(released_);
  }

  const Text& text_;
  const ReadOptions& options_;
  JsonScanner scan_;
  EventIntake intake_;
  JsonEvents events_;
  std::size_t released_ = 0;
};

}  // namespace

Result<Reading> read_json_lines(const Text& text, const ReadOptions& options) {
  return Reader(text, options).read();
}

}  // namespace fracas::checker
