#include "targets/quorum/core/bugs.h"

#include <array>
#include <utility>

namespace fracas::quorum {
namespace {

constexpr std::array<std::pair<std::string_view, bool Bugs::*>, 11> kBugs{{
    {"small-quorum", &Bugs::small_quorum},
    {"no-write-back", &Bugs::no_write_back},
    {"wall-clock", &Bugs::wall_clock},
    {"sloppy-as-strict", &Bugs::sloppy_as_strict},
    {"unsynced-copy", &Bugs::unsynced_copy},
    {"no-tombstones", &Bugs::no_tombstones},
    {"drop-siblings", &Bugs::drop_siblings},
    {"forgotten-dots", &Bugs::forgotten_dots},
    {"add-counts", &Bugs::add_counts},
    {"volatile-hints", &Bugs::volatile_hints},
    {"skip-range", &Bugs::skip_range},
}};

}  // namespace

std::vector<std::string> bug_names() {
  std::vector<std::string> names;
  for (const auto& [name, field] : kBugs) names.emplace_back(name);
  return names;
}

bool plant(Bugs& bugs, std::string_view name) {
  for (const auto& [known, field] : kBugs) {
    if (known != name) continue;
    bugs.*field = true;
    return true;
  }
  return false;
}

}  // namespace fracas::quorum
