#include "checker/readers/edn.h"

#include <array>

#include "checker/readers/edn_scanner.h"
#include "checker/readers/event_intake.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

class Reader {
 public:
  Reader(const Text& text, const ReadOptions& options) : text_(text), scan_(text.bytes), intake_(options) {}

  Result<Reading> read() {
    const char first = scan_.peek();
    if (first != '[' && first != '(') return read_until('\0');
    scan_.skip_character();
    auto reading = read_until(first == '[' ? ']' : ')');
    if (!reading) return reading;
    scan_.skip_character();
    if (scan_.peek() != '\0' || !scan_.ok() || scan_.at() != text_.bytes.size())
      return fail_here("something follows the history");
    return reading;
  }

 private:
  tl::unexpected<Error> fail_here(std::string_view why) {
    scan_.fail(why);
    return failure_at(text_, scan_.at(), scan_.problem());
  }

  Result<Reading> read_until(char close) {
    for (char next = scan_.peek(); next != close; next = scan_.peek()) {
      if (next == '\0') return fail_here("the file ends inside the history");
      const std::size_t start = scan_.at();
      EventFields event;
      if (!read_event(event)) return fail_here("an event is missing");
      if (auto added = intake_.add(event); !added) return failure_in_line(text_, start, added.error().message);
    }
    // A malformed discarded form, or a byte of zero, looks like the end of the text.
    if (!scan_.ok() || (close == '\0' && scan_.at() != text_.bytes.size())) return fail_here("an event is missing");
    return std::move(intake_).finish(Format::edn);
  }

  bool read_event(EventFields& event) {
    if (!scan_.skip_tag() || !scan_.expect('{')) return false;
    while (scan_.peek() != '}') {
      std::string_view name;
      if (!scan_.name(name, name_storage_) || !read_member(name, event)) return false;
    }
    return scan_.expect('}');
  }

  bool read_member(std::string_view name, EventFields& event) {
    if (name == "type") return scan_.name(event.type, storage_[0]);
    if (name == "f") return scan_.name(event.function, storage_[1]);
    if (name == "process") return scan_.name(event.process, storage_[2]);
    if (name == "node") return scan_.name(event.node, storage_[3]);
    if (name == "value") return scan_.value(intake_.values(), event.value);
    if (name == "key") return scan_.value(intake_.values(), event.key);
    if (name == "error") return read_error(event);
    if (name != "time") return scan_.skip_value();
    return scan_.null() || scan_.integer(event.time_ns.emplace());
  }

  // A list or a map is not empty, which is all that matters of it.
  bool read_error(EventFields& event) {
    const char first = scan_.peek();
    if (first == '"' || first == ':' || first == 'n') return scan_.name(event.error, storage_[4]);
    event.error = "error";
    return scan_.skip_value();
  }

  const Text& text_;
  EdnScanner scan_;
  EventIntake intake_;
  std::string name_storage_;
  std::array<std::string, 5> storage_;  // of texts with escapes
};

}  // namespace

Result<Reading> read_edn(const Text& text, const ReadOptions& options) {
  return Reader(text, options).read();
}

}  // namespace fracas::checker
