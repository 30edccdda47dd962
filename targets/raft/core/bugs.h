#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fracas::raft {

// Planted mistakes, off unless a canary asks for them: see targets/raft/bugs.toml.
struct Bugs {
  // Reads.
  bool stale_read = false;           // a leader answers reads at once and never steps down for want of a majority
  bool follower_read = false;        // any member answers reads from its own store
  bool read_before_noop = false;     // a new leader answers reads before it knows what its predecessors committed
  bool read_joins_round = false;     // a read is answered on heartbeats that were sent before it came
  bool lease_ignores_drift = false;  // a leader's lease is as long as the followers' patience by its own clock
  // Elections.
  bool vote_not_persisted = false;  // a granted vote and its term stay off the disk
  bool double_vote = false;         // a vote is given to everybody who asks in a term
  bool no_log_check = false;        // a vote is given to members whose log lacks entries
  bool same_timeout = false;        // all members wait equally long for a leader
  bool no_pre_vote = false;         // whoever hears no leader campaigns at once, and those who hear one vote for it
  // Replication.
  bool commit_old_term =
      false;  // leaders open no term with an entry of their own, and count earlier terms' entries as committed
  bool ack_before_quorum = false;      // a leader commits what its own disk holds
  bool ack_before_sync = false;        // an entry is acknowledged before it is on the disk
  bool truncate_on_append = false;     // everything behind what a message says is dropped, though it fits
  bool stale_term_append = false;      // entries of a deposed leader are taken
  bool commit_beyond_match = false;    // a follower commits entries it has not compared with the leader's
  bool heartbeat_skips_check = false;  // a follower agrees to a heartbeat, whatever its log holds
  bool optimistic_match = false;       // a leader takes a success for everything it has by now
  // Members.
  bool one_step_change = false;  // any voters replace any others at once, without a joint configuration
  bool learner_counts = false;   // a learner's copy and answer count towards the voters' majority
  // The disk and the store.
  bool checksum_ignored = false;         // recovery takes damaged records for good ones
  bool duplicate_apply = false;          // a retried command is applied again
  bool lock_without_fencing = false;     // who has lost a lock may still write under it
  bool snapshot_loses_sessions = false;  // who has asked what is not part of a snapshot
};

// Their names, as written in experiments and on the command line.
std::vector<std::string> bug_names();

// Switches one on. False if there is none of that name.
bool plant(Bugs& bugs, std::string_view name);

}  // namespace fracas::raft
