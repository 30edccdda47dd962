#include "targets/raft/core/bugs.h"

#include <array>
#include <utility>

namespace fracas::raft {
namespace {

constexpr std::array<std::pair<std::string_view, bool Bugs::*>, 3> kBugs{{
    {"stale-read", &Bugs::stale_read},
    {"vote-not-persisted", &Bugs::vote_not_persisted},
    {"duplicate-apply", &Bugs::duplicate_apply},
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

}  // namespace fracas::raft
