#include "targets/raft/core/bugs.h"

#include <array>
#include <utility>

namespace fracas::raft {
namespace {

constexpr std::array<std::pair<std::string_view, bool Bugs::*>, 15> kBugs{{
    {"stale-read", &Bugs::stale_read},
    {"follower-read", &Bugs::follower_read},
    {"read-before-noop", &Bugs::read_before_noop},
    {"vote-not-persisted", &Bugs::vote_not_persisted},
    {"double-vote", &Bugs::double_vote},
    {"no-log-check", &Bugs::no_log_check},
    {"same-timeout", &Bugs::same_timeout},
    {"commit-old-term", &Bugs::commit_old_term},
    {"ack-before-sync", &Bugs::ack_before_sync},
    {"truncate-on-append", &Bugs::truncate_on_append},
    {"stale-term-append", &Bugs::stale_term_append},
    {"commit-beyond-match", &Bugs::commit_beyond_match},
    {"optimistic-match", &Bugs::optimistic_match},
    {"duplicate-apply", &Bugs::duplicate_apply},
    {"snapshot-loses-sessions", &Bugs::snapshot_loses_sessions},
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
