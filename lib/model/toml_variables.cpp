#include "lib/model/toml_variables.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "lib/model/suggest.h"

namespace fracas::model {
namespace {

using Outside = std::function<std::optional<std::string>(const std::string&)>;
using Variables = std::map<std::string, std::string>;

std::optional<std::string> as_text(const TomlNode& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&node.value)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&node.value)) return *flag ? "true" : "false";
  return std::nullopt;
}

Variables take_variables(TomlTable& root, Mistakes& mistakes) {
  Variables variables;
  const TomlEntry* entry = root.find("vars");
  if (entry == nullptr) return variables;
  if (const auto* table = std::get_if<TomlTable>(&entry->node.value)) {
    for (const TomlEntry& variable : table->entries) {
      if (const auto text = as_text(variable.node)) {
        variables[variable.key] = *text;
      } else {
        mistakes.add(variable.node.place,
                     fmt::format("a variable is a text or a number, not {}", type_name(variable.node)));
      }
    }
  } else {
    mistakes.add(entry->node.place, fmt::format("vars must be a table, not {}", type_name(entry->node)));
  }
  std::erase_if(root.entries, [](const TomlEntry& each) { return each.key == "vars"; });
  return variables;
}

struct Substitution {
  const Variables& variables;
  const Outside& outside;
  Mistakes& mistakes;

  std::optional<std::string> value(const std::string& name) const {
    const auto found = variables.find(name);
    if (found != variables.end()) return found->second;
    return outside ? outside(name) : std::nullopt;
  }

  void unknown(const std::string& name, const Place& place) const {
    std::vector<std::string> names;
    for (const auto& [known, ignored] : variables) names.push_back(known);
    const std::string near = nearest(name, names);
    mistakes.add(place, fmt::format("${{{}}} is neither in [vars] nor in the environment{}", name,
                                    near.empty() ? "" : fmt::format("; did you mean ${{{}}}?", near)));
  }

  void text(std::string& text, const Place& place) const {
    std::string result;
    std::size_t at = 0;
    for (;;) {
      const std::size_t open = text.find("${", at);
      result.append(text, at, open == std::string::npos ? open : open - at);
      if (open == std::string::npos) break;
      if (open > 0 && text[open - 1] == '$') {  // the first $ of "$${" is already there
        result += '{';
        at = open + 2;
        continue;
      }
      const std::size_t close = text.find('}', open);
      if (close == std::string::npos) {
        mistakes.add(place, "\"${\" without \"}\"; write \"$${\" for the characters themselves");
        return;
      }
      const std::string name = text.substr(open + 2, close - open - 2);
      if (const auto known = value(name)) {
        result += *known;
      } else {
        unknown(name, place);
      }
      at = close + 1;
    }
    text = std::move(result);
  }

  void node(TomlNode& each) const {
    if (auto* string = std::get_if<std::string>(&each.value)) text(*string, each.place);
    if (auto* array = std::get_if<TomlArray>(&each.value))
      for (TomlNode& element : *array) node(element);
    if (auto* table = std::get_if<TomlTable>(&each.value))
      for (TomlEntry& entry : table->entries) node(entry.node);
  }
};

}  // namespace

void substitute_variables(TomlNode& root, const Outside& outside, Mistakes& mistakes) {
  const Variables variables = take_variables(std::get<TomlTable>(root.value), mistakes);
  Substitution{.variables = variables, .outside = outside, .mistakes = mistakes}.node(root);
}

}  // namespace fracas::model
