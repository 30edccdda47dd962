#include "targets/raft/core/bugs.h"

#include "targets/node/data/switches.h"

namespace fracas::raft {
namespace {

constexpr node::SwitchNames<Bugs, 24> kBugs{{
    {"stale-read", &Bugs::stale_read},
    {"follower-read", &Bugs::follower_read},
    {"read-before-noop", &Bugs::read_before_noop},
    {"read-joins-round", &Bugs::read_joins_round},
    {"lease-ignores-drift", &Bugs::lease_ignores_drift},
    {"vote-not-persisted", &Bugs::vote_not_persisted},
    {"double-vote", &Bugs::double_vote},
    {"no-log-check", &Bugs::no_log_check},
    {"same-timeout", &Bugs::same_timeout},
    {"no-pre-vote", &Bugs::no_pre_vote},
    {"commit-old-term", &Bugs::commit_old_term},
    {"ack-before-quorum", &Bugs::ack_before_quorum},
    {"ack-before-sync", &Bugs::ack_before_sync},
    {"truncate-on-append", &Bugs::truncate_on_append},
    {"stale-term-append", &Bugs::stale_term_append},
    {"commit-beyond-match", &Bugs::commit_beyond_match},
    {"heartbeat-skips-check", &Bugs::heartbeat_skips_check},
    {"optimistic-match", &Bugs::optimistic_match},
    {"one-step-change", &Bugs::one_step_change},
    {"learner-counts", &Bugs::learner_counts},
    {"checksum-ignored", &Bugs::checksum_ignored},
    {"duplicate-apply", &Bugs::duplicate_apply},
    {"lock-without-fencing", &Bugs::lock_without_fencing},
    {"snapshot-loses-sessions", &Bugs::snapshot_loses_sessions},
}};

}  // namespace

std::vector<std::string> bug_names() {
  return node::names_of(kBugs);
}

bool plant(Bugs& bugs, std::string_view name) {
  return node::switch_on(kBugs, bugs, name);
}

}  // namespace fracas::raft
