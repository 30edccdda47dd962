#include "lib/model/toml_override.h"
#include "lib/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace fracas::model {
namespace {

std::optional<std::size_t> index_of(std::string_view key) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return index;
}

// Overrides have no lines: all of an override's values stand at its text.
void replace_places(TomlNode& node, const Place& place) {
  node.place = place;
  if (auto* table = std::get_if<TomlTable>(&node.value)) {
    for (TomlEntry& entry : table->entries) {
      entry.key_place = place;
      replace_places(entry.node, place);
    }
  }
  if (auto* array = std::get_if<TomlArray>(&node.value))
    for (TomlNode& element : *array) replace_places(element, place);
}

Status merge(TomlNode& into, TomlNode from, const std::string& path);

// A path may begin a list that is not there yet: `fault.0.kind` in a file without faults.
void begin_lists(TomlNode& node) {
  auto* table = std::get_if<TomlTable>(&node.value);
  if (table == nullptr || table->inline_) return;
  for (TomlEntry& entry : table->entries) begin_lists(entry.node);
  if (table->entries.size() != 1 || table->entries.front().key != "0") return;
  TomlArray array;
  array.push_back(std::move(table->entries.front().node));
  node.value = std::move(array);
}

Status merge_table(TomlTable& into, TomlTable from, const std::string& path) {
  for (TomlEntry& entry : from.entries) {
    TomlEntry* existing = into.find(entry.key);
    if (existing == nullptr) {
      begin_lists(entry.node);
      into.entries.push_back(std::move(entry));
      continue;
    }
    if (auto merged = merge(existing->node, std::move(entry.node), path + entry.key); !merged) return merged;
  }
  return {};
}

Status merge_array(TomlArray& into, TomlTable from, const std::string& path) {
  for (TomlEntry& entry : from.entries) {
    const auto index = index_of(entry.key);
    if (!index) return failure(fmt::format("{} is a list: count in it, as in {}.0", path, path));
    if (*index > into.size()) {
      return failure(fmt::format("{} has {}, counted from 0", path, counted(into.size(), "element")));
    }
    if (*index == into.size()) {
      begin_lists(entry.node);
      into.push_back(std::move(entry.node));
    } else if (auto merged = merge(into[*index], std::move(entry.node), path + "." + entry.key); !merged) {
      return merged;
    }
  }
  return {};
}

// Tables that only come from the dots of the path are merged; values, and tables written { … }, replace.
Status merge(TomlNode& into, TomlNode from, const std::string& path) {
  auto* added = std::get_if<TomlTable>(&from.value);
  if (added == nullptr || added->inline_) {
    into = std::move(from);
    return {};
  }
  if (auto* table = std::get_if<TomlTable>(&into.value)) return merge_table(*table, std::move(*added), path + ".");
  if (auto* array = std::get_if<TomlArray>(&into.value)) return merge_array(*array, std::move(*added), path);
  return failure(fmt::format("{} is {}, it has no key \"{}\"", path, type_name(into), added->entries.front().key));
}

// A path of bare words joined by dots; TOML would also take quotes and blanks, which no key of ours needs.
bool is_path(std::string_view path) {
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  bool in_word = false;
  for (const char c : path) {
    if (c != '.' && !word(c)) return false;
    if (c == '.' && !in_word) return false;
    in_word = c != '.';
  }
  return in_word;
}

}  // namespace

Status set_value(TomlNode& root, const std::string& path, TomlNode value) {
  if (!is_path(path)) return failure(fmt::format("\"{}\" is not a path like workload.rate or fault.0.for", path));
  // A value that is a table replaces what was there, as one written { … } does.
  if (auto* table = std::get_if<TomlTable>(&value.value)) table->inline_ = true;
  TomlNode node = std::move(value);
  const Place place = node.place;
  for (std::size_t end = path.size(); end != std::string::npos;) {
    const std::size_t dot = path.rfind('.', end - 1);
    TomlTable around;
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    around.entries.push_back({.key = path.substr(begin, end - begin), .key_place = place, .node = std::move(node)});
    node = {.place = place, .value = std::move(around)};
    end = dot;
  }
  return merge_table(std::get<TomlTable>(root.value), std::get<TomlTable>(std::move(node.value)), "");
}

Status apply_override(TomlNode& root, const std::string& assignment) {
  const Place place{.source = "--set " + assignment};
  const auto refuse = [&](const std::string& why) { return failure(place.text() + ": " + why); };
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) return refuse("write it like workload.rate=100/s");
  const std::string path = assignment.substr(0, equals);
  const std::string value = assignment.substr(equals + 1);
  if (!is_path(path)) return refuse(fmt::format("\"{}\" is not a path like workload.rate or fault.0.for", path));

  // Only one line can be one value: otherwise a text with newlines could bring further keys.
  const bool one_line = value.find('\n') == std::string::npos;
  auto parsed = one_line ? parse_toml(path + " = " + value, place.source) : failure("more than a value");
  if (!parsed) parsed = parse_toml(path + " = " + toml_quote(value), place.source);
  if (!parsed) return refuse("this is neither a value nor a text");
  replace_places(*parsed, place);
  auto merged = merge_table(std::get<TomlTable>(root.value), std::get<TomlTable>(std::move(parsed->value)), "");
  if (!merged) return refuse(merged.error().message);
  return {};
}

}  // namespace fracas::model
