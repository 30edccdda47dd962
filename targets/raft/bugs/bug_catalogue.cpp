#include "targets/raft/bugs/bug_catalogue.h"

#include <string_view>
#include <toml++/toml.h>

#include "lib/base/ensure.h"

// By bugs_toml.S.
extern "C" const char fracas_raft_bugs_begin[];
extern "C" const char fracas_raft_bugs_end[];

namespace fracas::raft {
namespace {

std::string text(const toml::table& bug, std::string_view key) {
  const auto value = bug[key].value<std::string>();
  ensure(value.has_value() && !value->empty(), "every bug has all of its texts");
  return *value;
}

}  // namespace

std::vector<BugEntry> bug_catalogue() {
  const std::string_view file(fracas_raft_bugs_begin,
                              static_cast<std::size_t>(fracas_raft_bugs_end - fracas_raft_bugs_begin));
  const toml::table table = toml::parse(file);
  std::vector<BugEntry> entries;
  const auto* bugs = table["bug"].as_array();
  ensure(bugs != nullptr, "bugs.toml lists bugs");
  for (const auto& node : *bugs) {
    const toml::table& bug = *node.as_table();
    entries.push_back({.name = text(bug, "name"),
                       .breaks = text(bug, "breaks"),
                       .needs = text(bug, "needs"),
                       .found = text(bug, "found"),
                       .source = text(bug, "source")});
  }
  return entries;
}

}  // namespace fracas::raft
