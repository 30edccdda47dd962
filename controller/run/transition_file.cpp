#include "controller/run/transition_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "lib/model/suggest.h"
#include "lib/model/toml_document.h"

namespace fracas::controller {
namespace {

using checker::Transitions;
using model::TomlArray;
using model::TomlEntry;
using model::TomlNode;
using model::TomlTable;

class Reader {
 public:
  Result<Transitions> read(const TomlNode& root) {
    const auto& document = std::get<TomlTable>(root.value);
    allow(document, {"name", "initial", "by_key", "transition"});
    if (const auto* name = text(need(root, document, "name"))) table_.name = *name;
    if (const auto* initial = text(need(root, document, "initial"))) state(*initial);
    if (const TomlEntry* by_key = document.find("by_key")) read_by_key(by_key->node);
    if (const TomlNode* rows = need(root, document, "transition")) read_rows(*rows);
    if (!mistakes_.empty()) return failure(mistakes_.error());
    return std::move(table_);
  }

 private:
  void allow(const TomlTable& table, const std::vector<std::string>& known) {
    for (const TomlEntry& entry : table.entries)
      if (std::find(known.begin(), known.end(), entry.key) == known.end())
        mistakes_.add(entry.key_place,
                      fmt::format("there is no key \"{}\" here{}", entry.key, model::suggestion(entry.key, known)));
  }

  const TomlNode* need(const TomlNode& around, const TomlTable& table, std::string_view key) {
    if (const TomlEntry* entry = table.find(key)) return &entry->node;
    mistakes_.add(around.place, fmt::format("\"{}\" is missing", key));
    return nullptr;
  }

  const std::string* text(const TomlNode* node) {
    if (node == nullptr) return nullptr;
    const auto* text = std::get_if<std::string>(&node->value);
    if (text == nullptr)
      mistakes_.add(node->place, fmt::format("this must be a text, not {}", model::type_name(*node)));
    return text;
  }

  std::uint32_t state(const std::string& name) {
    const auto at = std::find(table_.states.begin(), table_.states.end(), name);
    if (at == table_.states.end()) table_.states.push_back(name);
    return static_cast<std::uint32_t>(std::find(table_.states.begin(), table_.states.end(), name) -
                                      table_.states.begin());
  }

  void read_by_key(const TomlNode& node) {
    if (const auto* truth = std::get_if<bool>(&node.value))
      table_.by_key = *truth;
    else
      mistakes_.add(node.place, fmt::format("this must be true or false, not {}", model::type_name(node)));
  }

  void read_rows(const TomlNode& rows) {
    const auto* list = std::get_if<TomlArray>(&rows.value);
    if (list == nullptr || list->empty()) return mistakes_.add(rows.place, "transitions are written [[transition]]");
    for (const TomlNode& row : *list) {
      if (const auto* table = std::get_if<TomlTable>(&row.value))
        read_row(row, *table);
      else
        mistakes_.add(row.place, fmt::format("a transition is a table, not {}", model::type_name(row)));
    }
  }

  void read_row(const TomlNode& node, const TomlTable& table) {
    allow(table, {"f", "from", "to", "argument", "result"});
    Transitions::Row row;
    if (const auto* function = text(need(node, table, "f"))) row.function = *function;
    if (const TomlEntry* from = table.find("from")) read_from(from->node, row);
    if (const TomlEntry* to = table.find("to"))
      if (const auto* name = text(&to->node)) row.to = state(*name);
    if (const TomlEntry* argument = table.find("argument")) row.argument = expected(argument->node);
    if (const TomlEntry* result = table.find("result")) row.result = expected(result->node);
    table_.rows.push_back(std::move(row));
  }

  // One state, or a list of them.
  void read_from(const TomlNode& node, Transitions::Row& row) {
    if (const auto* list = std::get_if<TomlArray>(&node.value)) {
      for (const TomlNode& each : *list)
        if (const auto* name = text(&each)) row.from.push_back(state(*name));
      if (list->empty()) mistakes_.add(node.place, "a transition from no state; leave \"from\" out for all states");
    } else if (const auto* name = text(&node)) {
      row.from.push_back(state(*name));
    }
    std::sort(row.from.begin(), row.from.end());
  }

  // A text, whole number or truth value; an empty list says that there is nothing.
  Transitions::Expected expected(const TomlNode& node) {
    if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&node.value)) return *number;
    if (const auto* truth = std::get_if<bool>(&node.value)) return *truth;
    if (const auto* list = std::get_if<TomlArray>(&node.value); list != nullptr && list->empty())
      return std::monostate{};
    mistakes_.add(node.place, fmt::format("this must be a text, a whole number, true, false, or [] for nothing, not {}",
                                          model::type_name(node)));
    return std::nullopt;
  }

  Transitions table_;
  model::Mistakes mistakes_;
};

}  // namespace

Result<Transitions> read_transitions_text(std::string_view text, const std::string& source) {
  const auto root = model::parse_toml(text, source);
  if (!root) return failure(root.error());
  return Reader().read(*root);
}

Result<Transitions> read_transitions(const std::string& path) {
  std::ifstream in(path);
  if (!in) return failure(fmt::format("{}: cannot be read", path));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return read_transitions_text(text, path);
}

}  // namespace fracas::controller
