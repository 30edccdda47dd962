#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/mistake.h"

// A TOML document as plain values with their places, in the order of the file. toml++ stays behind parse_toml.
namespace fracas::model {

struct TomlNode;
struct TomlEntry;

struct TomlDate {};  // a date or time; nothing in the vocabulary is one
using TomlArray = std::vector<TomlNode>;

struct TomlTable {
  std::vector<TomlEntry> entries;
  bool inline_ = false;  // written { … }

  TomlEntry* find(std::string_view key);
  const TomlEntry* find(std::string_view key) const;
};

struct TomlNode {
  Place place;
  std::variant<std::string, std::int64_t, double, bool, TomlDate, TomlArray, TomlTable> value;
};

struct TomlEntry {
  std::string key;
  Place key_place;
  TomlNode node;
};

// Reads a document; its root is a table. `source` stands for the file in places and errors.
// ERRORS: "source:line:column: message" of the first syntax error, a repeated key, text that is not UTF-8.
Result<TomlNode> parse_toml(std::string_view text, const std::string& source);

// What a person calls the type of a value: "a text", "a number", "a table", "a list", …
std::string_view type_name(const TomlNode& node);

// A text as TOML writes it, quoted and escaped.
std::string toml_quote(std::string_view text);

}  // namespace fracas::model
