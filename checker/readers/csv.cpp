#include "checker/readers/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "checker/history/json_scanner.h"
#include "checker/readers/event_intake.h"
#include "checker/readers/lines.h"
#include "checker/readers/text_place.h"

namespace fracas::checker {
namespace {

enum class Column : std::uint8_t { process, type, function, time, key, value, node, error, other };
constexpr std::array<std::string_view, 8> kColumns{"process", "type", "f", "time", "key", "value", "node", "error"};

// A line cut at its commas. The fields' texts are reused from line to line.
class Fields {
 public:
  // False where a quoted field has no end, or something follows it.
  bool split(std::string_view line) {
    count_ = 0;
    bool more = true;
    while (more) {
      if (count_ == fields_.size()) fields_.emplace_back();
      std::string& field = fields_[count_++];
      field.clear();
      if (!line.empty() && line[0] == '"' && !take_quoted(line, field)) return false;
      const std::size_t end = std::min(line.find(','), line.size());
      field.append(line.substr(0, end));
      more = end < line.size();
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    return true;
  }
  std::size_t size() const { return count_; }
  const std::string& operator[](std::size_t index) const { return fields_[index]; }

 private:
  static bool take_quoted(std::string_view& line, std::string& field) {
    line.remove_prefix(1);
    while (true) {
      const std::size_t quote = line.find('"');
      if (quote == std::string_view::npos) return false;
      field.append(line.substr(0, quote));
      line.remove_prefix(quote + 1);
      if (line.empty() || line[0] == ',') return true;
      if (line[0] != '"') return false;
      field += '"';
      line.remove_prefix(1);
    }
  }
  std::vector<std::string> fields_;
  std::size_t count_ = 0;
};

Value value_of(const std::string& field, Values& values) {
  if (field.empty() || field == "nil") return {};
  JsonScanner scan(field);
  Value value;
  if (scan.value(values, value) && scan.peek() == '\0' && scan.at() == field.size()) return value;
  return values.text(field);
}

class Reader {
 public:
  Reader(const Text& text, const ReadOptions& options) : text_(text), intake_(options), lines_(text.bytes) {}

  Result<Reading> read() {
    std::string_view line;
    while (lines_.next(line)) {
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      auto done = columns_.empty() ? read_header(line) : read_event(line);
      if (!done) return failure_in_line(text_, lines_.start(), done.error().message);
    }
    return std::move(intake_).finish(Format::csv);
  }

 private:
  Result<void> read_header(std::string_view line) {
    if (!fields_.split(line)) return failure("a quoted field is malformed");
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto found = std::find(kColumns.begin(), kColumns.end(), fields_[i]);
      const auto column = static_cast<Column>(found - kColumns.begin());
      if (column != Column::other && std::find(columns_.begin(), columns_.end(), column) != columns_.end())
        return failure(fmt::format("the header names \"{}\" twice", fields_[i]));
      columns_.push_back(column);
    }
    for (const Column needed : {Column::process, Column::type, Column::function})
      if (std::find(columns_.begin(), columns_.end(), needed) == columns_.end())
        return failure(fmt::format("the header has no column \"{}\"", kColumns[static_cast<std::size_t>(needed)]));
    return {};
  }

  Result<void> read_event(std::string_view line) {
    if (!fields_.split(line)) return failure("a quoted field is malformed");
    if (fields_.size() != columns_.size())
      return failure(fmt::format("{} fields, but the header has {}", fields_.size(), columns_.size()));
    EventFields event;
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (auto read = read_field(columns_[i], fields_[i], event); !read) return read;
    return intake_.add(event);
  }

  Result<void> read_field(Column column, const std::string& field, EventFields& event) {
    if (column == Column::process) event.process = field;
    if (column == Column::type) event.type = field;
    if (column == Column::function) event.function = field;
    if (column == Column::node) event.node = field;
    if (column == Column::error) event.error = field;
    if (column == Column::key) event.key = value_of(field, intake_.values());
    if (column == Column::value) event.value = value_of(field, intake_.values());
    if (column != Column::time || field.empty()) return {};
    const char* end = field.data() + field.size();
    const auto [rest, error] = std::from_chars(field.data(), end, event.time_ns.emplace());
    if (error == std::errc{} && rest == end) return {};
    return failure(fmt::format("the time \"{}\" is no whole number of nanoseconds", field));
  }

  const Text& text_;
  EventIntake intake_;
  Lines lines_;
  Fields fields_;
  std::vector<Column> columns_;
};

}  // namespace

Result<Reading> read_csv(const Text& text, const ReadOptions& options) {
  return Reader(text, options).read();
}

}  // namespace fracas::checker
