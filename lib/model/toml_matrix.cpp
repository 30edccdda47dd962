#include "lib/model/toml_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "lib/model/toml_override.h"

namespace fracas::model {
namespace {

struct Axis {
  std::string path;
  TomlArray values;
};

constexpr std::size_t kWordMax = 12;

// What of a value fits into a name.
std::string word_of(const TomlNode& node) {
  std::string word;
  const auto add = [&word](std::string_view text) {
    for (const char c : text) {
      const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
      if (plain) word += c;
      if (!plain && !word.empty() && word.back() != '-') word += '-';
    }
  };
  if (const auto* text = std::get_if<std::string>(&node.value)) add(*text);
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) add(fmt::format("{}", *number));
  if (const auto* number = std::get_if<double>(&node.value)) add(fmt::format("{}", *number));
  if (const auto* flag = std::get_if<bool>(&node.value)) add(*flag ? "on" : "off");
  if (const auto* list = std::get_if<TomlArray>(&node.value)) {
    if (list->empty()) add("none");
    for (const TomlNode& each : *list) add((word.empty() ? "" : "-") + word_of(each));
  }
  word.resize(std::min(word.size(), kWordMax));
  while (!word.empty() && word.back() == '-') word.pop_back();
  return word;
}

// Dotted keys of TOML are tables inside each other; quoted ones are one key with dots. Both mean the same path.
Status collect(TomlTable& table, const std::string& prefix, std::vector<Axis>& axes) {
  for (TomlEntry& entry : table.entries) {
    const std::string path = prefix.empty() ? entry.key : prefix + "." + entry.key;
    if (auto* inner = std::get_if<TomlTable>(&entry.node.value)) {
      if (auto collected = collect(*inner, path, axes); !collected) return collected;
      continue;
    }
    auto* values = std::get_if<TomlArray>(&entry.node.value);
    if (values == nullptr || values->empty())
      return failure(fmt::format("{}: matrix.{} must be a list of values, not {}", entry.node.place.text(), path,
                                 values == nullptr ? type_name(entry.node) : "an empty one"));
    // One that is said again, by --set, replaces what the file says.
    const auto same = std::ranges::find(axes, path, &Axis::path);
    if (same == axes.end())
      axes.push_back({path, std::move(*values)});
    else
      same->values = std::move(*values);
  }
  return {};
}

}  // namespace

Result<std::vector<Variant>> expand_matrix(TomlNode root) {
  auto& table = std::get<TomlTable>(root.value);
  std::vector<Axis> axes;
  if (TomlEntry* entry = table.find("matrix"); entry != nullptr) {
    auto* matrix = std::get_if<TomlTable>(&entry->node.value);
    if (matrix == nullptr)
      return failure(
          fmt::format("{}: matrix must be a table, not {}", entry->node.place.text(), type_name(entry->node)));
    if (auto collected = collect(*matrix, "", axes); !collected) return failure(std::move(collected).error());
    std::erase_if(table.entries, [](const TomlEntry& each) { return each.key == "matrix"; });
  }
  std::vector<Variant> variants;
  variants.push_back({.suffix = {}, .root = std::move(root)});
  for (const Axis& axis : axes) {
    if (variants.size() * axis.values.size() > kVariantsMax)
      return failure(
          fmt::format("{}: the matrix makes more than {} experiments", axis.values.front().place.text(), kVariantsMax));
    std::vector<Variant> next;
    for (const Variant& variant : variants) {
      for (const TomlNode& value : axis.values) {
        Variant one = variant;
        one.suffix += fmt::format("-{}-{}", axis.path.substr(axis.path.rfind('.') + 1), word_of(value));
        if (auto set = set_value(one.root, axis.path, value); !set)
          return failure(fmt::format("{}: {}", value.place.text(), set.error().message));
        next.push_back(std::move(one));
      }
    }
    variants = std::move(next);
  }
  return variants;
}

}  // namespace fracas::model
