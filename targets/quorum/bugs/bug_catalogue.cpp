#include "targets/quorum/bugs/bug_catalogue.h"

// By node/bugs/bugs_toml.S.
extern "C" const char fracas_quorum_bugs_begin[];
extern "C" const char fracas_quorum_bugs_end[];

namespace fracas::quorum {

std::vector<node::BugEntry> bug_catalogue() {
  return node::read_bug_catalogue(
      "quorum",
      {fracas_quorum_bugs_begin, static_cast<std::size_t>(fracas_quorum_bugs_end - fracas_quorum_bugs_begin)});
}

}  // namespace fracas::quorum
