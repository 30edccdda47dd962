#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fracas::raft {

// Planted mistakes, off unless a canary asks for them: see targets/raft/bugs.toml.
struct Bugs {
  // Reads.
  bool stale_read = false;        // a leader answers reads at once and never steps down for want of a majority
  bool follower_read = false;     // any member answers reads from its own store
  bool read_before_noop = false;  // a new leader answers reads before it knows what its predecessors committed
  // Elections.
  bool vote_not_persisted = false;  // a granted vote and its term stay off the disk
  bool double_vote = false;         // a vote is given to everybody who asks in a term
  bool no_log_check = false;        // a vote is given to members whose log lacks entries
  bool same_timeout = false;        // all members wait equally long for a leader
  // Replication.
  bool commit_old_term = false;      // an earlier term's entry counts as committed once a majority holds it
  bool ack_before_sync = false;      // an entry is acknowledged before it is on the disk
  bool truncate_on_append = false;   // everything behind the entries of a message is dropped, though it fits
  bool stale_term_append = false;    // entries of a deposed leader are taken
  bool commit_beyond_match = false;  // a follower commits entries it has not compared with the leader's
  bool optimistic_match = false;     // a leader takes a success for everything it has by now
  // The store.
  bool duplicate_apply = false;          // a retried command is applied again
  bool snapshot_loses_sessions = false;  // who has asked what is not part of a snapshot
};

// Their names, as written in experiments and on the command line.
std::vector<std::string> bug_names();

// Switches one on. False if there is none of that name.
bool plant(Bugs& bugs, std::string_view name);

}  // namespace fracas::raft
