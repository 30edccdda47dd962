#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fracas::raft {

// Planted mistakes, off unless a canary asks for them: see targets/raft/bugs.toml.
struct Bugs {
  bool stale_read = false;          // a leader answers reads at once and never steps down for want of a majority
  bool vote_not_persisted = false;  // a granted vote and its term stay off the disk
  bool duplicate_apply = false;     // a retried command is applied again
};

// Their names, as written in experiments and on the command line.
std::vector<std::string> bug_names();

// Switches one on. False if there is none of that name.
bool plant(Bugs& bugs, std::string_view name);

}  // namespace fracas::raft
