#pragma once
#include <string>
#include <vector>

// What is known of each planted mistake: targets/raft/bugs.toml, which is part of the program.
namespace fracas::raft {

struct BugEntry {
  std::string name;    // as in core/bugs.h
  std::string breaks;  // what it does wrong
  std::string needs;   // what exposes it
  std::string found;   // the kind of the check that sees it: "linearizable", "raft", "availability"
  std::string source;  // who made or described it
};

// In the order of the file.
std::vector<BugEntry> bug_catalogue();

}  // namespace fracas::raft
