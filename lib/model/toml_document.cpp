#include "lib/model/toml_document.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <optional>

namespace fracas::model {
namespace {

Place place_of(const toml::source_region& region, const std::string& source) {
  return Place{.source = source, .line = region.begin.line, .column = region.begin.column};
}

TomlNode convert(const toml::node& node, const std::string& source);

TomlTable convert_table(const toml::table& table, const std::string& source) {
  TomlTable result;
  result.inline_ = table.is_inline();
  for (const auto& [key, value] : table) {
    result.entries.push_back(TomlEntry{
        .key = std::string(key.str()), .key_place = place_of(key.source(), source), .node = convert(value, source)});
  }
  std::stable_sort(result.entries.begin(), result.entries.end(), [](const TomlEntry& left, const TomlEntry& right) {
    return std::pair(left.key_place.line, left.key_place.column) <
           std::pair(right.key_place.line, right.key_place.column);
  });
  return result;
}

TomlNode convert(const toml::node& node, const std::string& source) {
  TomlNode result;
  result.place = place_of(node.source(), source);
  node.visit([&](const auto& concrete) {
    using Type = std::remove_cvref_t<decltype(concrete)>;
    if constexpr (std::is_same_v<Type, toml::table>) {
      result.value = convert_table(concrete, source);
    } else if constexpr (std::is_same_v<Type, toml::array>) {
      TomlArray array;
      for (const toml::node& element : concrete) array.push_back(convert(element, source));
      result.value = std::move(array);
    } else if constexpr (toml::is_string<Type> || toml::is_integer<Type> || toml::is_floating_point<Type> ||
                         toml::is_boolean<Type>) {
      result.value = concrete.get();
    } else {
      result.value = TomlDate{};
    }
  });
  return result;
}

// toml++ explains over several lines and in the words of its own parser; a mistake gets one line.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (line.find("unescaped control characters") != std::string::npos)
    return "a text is not closed on its line, or contains a control character";
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (line.starts_with(kPrefix)) line.erase(0, kPrefix.size());
  return line;
}

// The place of the first byte that is not UTF-8. Source: RFC 3629, section 4.
std::optional<Place> first_bad_utf8(std::string_view text, const std::string& source) {
  Place place{.source = source, .line = 1, .column = 1};
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t offset) {
      return i + offset < text.size() ? static_cast<unsigned char>(text[i + offset]) : 0U;
    };
    const unsigned lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0) return place;
    for (std::size_t offset = 1; offset < length; ++offset)
      if ((byte(offset) & 0xC0U) != 0x80U) return place;
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool outside = (lead == 0xED && byte(1) >= 0xA0) || (lead == 0xF4 && byte(1) >= 0x90);
    if (overlong || outside) return place;
    i += length;
    ++place.column;
    if (lead == '\n') place = Place{.source = source, .line = place.line + 1, .column = 1};
  }
  return std::nullopt;
}

}  // namespace

TomlEntry* TomlTable::find(std::string_view key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const TomlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const TomlEntry* TomlTable::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const TomlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Result<TomlNode> parse_toml(std::string_view text, const std::string& source) {
  if (const auto bad = first_bad_utf8(text, source)) return failure(bad->text() + ": this is not UTF-8 text");
  try {
    const toml::table table = toml::parse(text, std::string_view(source));
    TomlNode root;
    root.place = Place{.source = source, .line = 1, .column = 1};
    root.value = convert_table(table, source);
    return root;
  } catch (const toml::parse_error& error) {
    return failure(place_of(error.source(), source).text() + ": " + one_line(error.description()));
  }
}

std::string_view type_name(const TomlNode& node) {
  constexpr std::string_view kNames[] = {"a text",         "a number", "a number", "true or false",
                                         "a date or time", "a list",   "a table"};
  return kNames[node.value.index()];
}

std::string toml_quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace fracas::model
