#include "checker/readers/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "lib/model/suggest.h"

namespace fracas::checker {
namespace {

constexpr std::array<FormatName, 8> kFormats{{
    {Format::json_lines, "json-lines", "one JSON object a line: ours, and Jepsen's histories as JSON"},
    {Format::edn, "edn", "Jepsen, Knossos and Elle histories; Porcupine's key-value logs"},
    {Format::etcd_log, "etcd-log", "\"INFO jepsen.util - 0 :invoke :read nil\": Porcupine's etcd logs"},
    {Format::csv, "csv", "a header that names process, type, f and others, then one event a line"},
    {Format::session_text, "session-text",
     "AWDIT: \"r KEY VALUE\", ----- between transactions, ===== between sessions"},
    {Format::plume_text, "plume-text", "Plume: \"r(KEY,VALUE,SESSION,TRANSACTION)\", one operation a line"},
    {Format::node_events, "node-events", "a JSON object a line: what Raft nodes say of themselves, for --model raft"},
    {Format::raft_trace, "raft-trace", "the same from etcd's tracer of Raft's state, for --model raft"},
}};

constexpr std::string_view kSpace = " \t\r\n";

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

// The first character that is neither space nor one of `others`.
char first_after(std::string_view text, std::string_view others) {
  for (const char c : text)
    if (kSpace.find(c) == std::string_view::npos && others.find(c) == std::string_view::npos) return c;
  return '\0';
}

bool is_csv_header(std::string_view line) {
  return line.find(',') != std::string_view::npos && line.find("process") != std::string_view::npos &&
         line.find("type") != std::string_view::npos;
}

// What follows "event": in the first line; '\0' where it has no such member.
char event_member(std::string_view line) {
  constexpr std::string_view kName = "\"event\"";
  const std::size_t at = line.find(kName);
  return at == std::string_view::npos ? '\0' : first_after(line.substr(at + kName.size()), ":");
}

Format json_format(std::string_view line) {
  if (line.find("\"process\"") != std::string_view::npos) return Format::json_lines;
  const char event = event_member(line);
  return event == '{' ? Format::raft_trace : event == '"' ? Format::node_events : Format::json_lines;
}

bool is_operation_letter(char c) {
  return c == 'r' || c == 'w' || c == 'R' || c == 'W';
}

// For messages: what a person sees at the beginning, without control characters.
std::string beginning(std::string_view text) {
  std::string shown(first_line(text).substr(0, 40));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  return shown;
}

// Compressed files are common enough to be told apart from nonsense.
std::string_view compressor_of(std::string_view bytes) {
  if (starts_with(bytes,
                  "\xFD"
                  "7zXZ"))
    return "xz";
  if (starts_with(bytes, "\x1F\x8B")) return "gzip";
  if (starts_with(bytes, "\x28\xB5\x2F\xFD")) return "zstd";
  return {};
}

}  // namespace

std::span<const FormatName> formats() {
  return kFormats;
}

std::string_view name(Format format) {
  return kFormats[static_cast<std::size_t>(format)].name;
}

Result<Format> find_format(std::string_view name) {
  for (const FormatName& known : kFormats)
    if (known.name == name) return known.format;
  std::vector<std::string> names;
  for (const FormatName& known : kFormats) names.emplace_back(known.name);
  return failure(fmt::format("there is no format \"{}\"{}", name, model::suggestion(name, names)));
}

Result<Format> recognize(std::string_view bytes) {
  if (const auto tool = compressor_of(bytes); !tool.empty())
    return failure(fmt::format("the file is compressed: {} -dc FILE | fracas check - …", tool));
  const std::size_t start = bytes.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return Format::json_lines;  // nothing was recorded
  const std::string_view text = bytes.substr(start, 4096);
  const char first = text[0];
  if (first == '{') return first_after(text, "{") == '"' ? json_format(first_line(text)) : Format::edn;
  if (first == '[' && first_after(text, "[{") == '"')
    return failure("a JSON array; write one event a line (jq -c '.[]')");
  if (first == '[' || first == '(' || first == '#' || first == ';') return Format::edn;
  if (starts_with(text, "INFO")) return Format::etcd_log;
  const std::string_view line = first_line(text);
  if (is_csv_header(line)) return Format::csv;
  if (is_operation_letter(first) && line.size() > 1 && line[1] == '(') return Format::plume_text;
  if ((is_operation_letter(first) && line.size() > 1 && line[1] == ' ') || starts_with(line, "-----") ||
      starts_with(line, "====="))
    return Format::session_text;
  return failure(fmt::format("no history begins with \"{}\"; name its format with --format", beginning(text)));
}

}  // namespace fracas::checker
