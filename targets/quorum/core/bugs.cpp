#include "targets/quorum/core/bugs.h"

#include "targets/node/data/switches.h"

namespace fracas::quorum {
namespace {

constexpr node::SwitchNames<Bugs, 11> kBugs{{
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
  return node::names_of(kBugs);
}

bool plant(Bugs& bugs, std::string_view name) {
  return node::switch_on(kBugs, bugs, name);
}

}  // namespace fracas::quorum
