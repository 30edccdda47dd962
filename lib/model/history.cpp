#include "lib/model/history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>

namespace fracas::model {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kTypes{"invoke", "ok", "fail", "info"};
constexpr std::array<std::string_view, 17> kFunctions{"read",    "write",    "cas",   "append",  "delete",   "add",
                                                      "enqueue", "dequeue",  "drain", "acquire", "release",  "generate",
                                                      "txn",     "transfer", "poll",  "echo",    "increment"};

template <typename Enum, std::size_t N>
std::optional<Enum> find(std::string_view text, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

json value_to_json(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* pair = std::get_if<std::pair<std::int64_t, std::int64_t>>(&value))
    return json::array({pair->first, pair->second});
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return *list;
  if (const auto* other = std::get_if<Json>(&value)) return json::parse(other->text, nullptr, false);
  return nullptr;
}

bool is_number(const json& item) {
  return item.is_number_integer() && (!item.is_number_unsigned() || item.get<std::uint64_t>() <= INT64_MAX);
}

Value value_from_json(const json& member, Function function) {
  if (member.is_null()) return {};
  if (is_number(member)) return member.get<std::int64_t>();
  if (!member.is_array() || !std::all_of(member.begin(), member.end(), is_number)) return Json{member.dump()};
  auto list = member.get<std::vector<std::int64_t>>();
  if (function == Function::cas && list.size() == 2) return std::pair(list[0], list[1]);
  return list;
}

// A text member, or a number where other tools write one ("process": 3).
std::string text_of(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace

std::string_view name(EventType type) {
  return kTypes[static_cast<std::size_t>(type)];
}
std::string_view name(Function function) {
  return kFunctions[static_cast<std::size_t>(function)];
}

Value value_of_json(std::string_view text, Function function) {
  const json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? Value{} : value_from_json(value, function);
}

std::string to_json(const Value& value) {
  return value_to_json(value).dump();
}

std::string to_json_line(const Event& event) {
  nlohmann::ordered_json line;
  line["time"] = event.time_ns;
  line["process"] = event.process;
  line["type"] = name(event.type);
  line["f"] = name(event.function);
  line["key"] = event.key;
  line["value"] = value_to_json(event.value);
  if (!event.node.empty()) line["node"] = event.node;
  if (!event.error.empty()) line["error"] = event.error;
  return line.dump();
}

Result<Event> parse_event(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return failure("not a JSON object");
  Event event;
  const auto time = object.find("time");
  if (time == object.end() || !time->is_number()) return failure("\"time\" (nanoseconds) is missing");
  event.time_ns = time->get<std::int64_t>();
  event.process = text_of(object, "process");
  if (event.process.empty()) return failure("\"process\" is missing");
  const auto type = find<EventType>(text_of(object, "type"), kTypes);
  if (!type) return failure(fmt::format("\"type\" is \"{}\", not invoke, ok, fail or info", text_of(object, "type")));
  event.type = *type;
  const auto function = find<Function>(text_of(object, "f"), kFunctions);
  if (!function)
    return failure(fmt::format("\"f\" is \"{}\", not one of {}", text_of(object, "f"), fmt::join(kFunctions, ", ")));
  event.function = *function;
  event.key = text_of(object, "key");
  if (const auto found = object.find("value"); found != object.end()) {
    event.value = value_from_json(*found, event.function);
  }
  event.node = text_of(object, "node");
  event.error = text_of(object, "error");
  return event;
}

Result<std::vector<Event>> read_history(std::istream& in) {
  std::vector<Event> events;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    if (line.find("\"nemesis\"") != std::string::npos &&
        json::parse(line, nullptr, false).value("process", json()) == "nemesis")
      continue;
    auto event = parse_event(line);
    if (!event) return failure(std::move(event).error().context(fmt::format("line {}", number)));
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace fracas::model
