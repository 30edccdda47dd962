#include "controller/target/bugs_known.h"

#include "targets/quorum/core/bugs.h"
#include "targets/raft/core/bugs.h"

namespace fracas::controller {

std::map<std::string, std::vector<std::string>> bugs_known() {
  return {{"raft", raft::bug_names()}, {"quorum", quorum::bug_names()}};
}

}  // namespace fracas::controller
