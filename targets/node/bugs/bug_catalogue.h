#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace fracas::node {

// What is known of a planted mistake of a bundled store.
struct BugEntry {
  std::string target;  // the store's kind: "raft", "quorum"
  std::string name;    // as in core/bugs.h
  std::string breaks;  // what it does wrong
  std::string needs;   // what exposes it
  std::string found;   // the kind of the check that sees it: "linearizable", "raft", "availability", "consistency"
  std::string source;  // who made or described it
};

// Reads a store's bugs.toml, which is part of the program. In the order of the file.
std::vector<BugEntry> read_bug_catalogue(std::string_view target, std::string_view toml);

}  // namespace fracas::node
