#include "targets/node/bugs/bug_catalogue.h"

#include <toml++/toml.h>

#include "lib/base/ensure.h"

namespace fracas::node {
namespace {

std::string text(const toml::table& bug, std::string_view key) {
  const auto value = bug[key].value<std::string>();
  ensure(value.has_value() && !value->empty(), "every bug has all of its texts");
  return *value;
}

}  // namespace

std::vector<BugEntry> read_bug_catalogue(std::string_view target, std::string_view toml) {
  const toml::table table = toml::parse(toml);
  std::vector<BugEntry> entries;
  const auto* bugs = table["bug"].as_array();
  ensure(bugs != nullptr, "bugs.toml lists bugs");
  for (const auto& node : *bugs) {
    const toml::table& bug = *node.as_table();
    entries.push_back({.target = std::string(target),
                       .name = text(bug, "name"),
                       .breaks = text(bug, "breaks"),
                       .needs = text(bug, "needs"),
                       .found = text(bug, "found"),
                       .source = text(bug, "source")});
  }
  return entries;
}

}  // namespace fracas::node
