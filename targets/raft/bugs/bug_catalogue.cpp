#include "targets/raft/bugs/bug_catalogue.h"

// By node/bugs/bugs_toml.S.
extern "C" const char fracas_raft_bugs_begin[];
extern "C" const char fracas_raft_bugs_end[];

namespace fracas::raft {

std::vector<node::BugEntry> bug_catalogue() {
  return node::read_bug_catalogue(
      "raft", {fracas_raft_bugs_begin, static_cast<std::size_t>(fracas_raft_bugs_end - fracas_raft_bugs_begin)});
}

}  // namespace fracas::raft
