#pragma once
#include <set>
#include <string>

#include "lib/base/random.h"
#include "lib/base/result.h"
#include "lib/model/selection.h"

namespace fracas::controller {

// Who is what in the running target, as far as selections ask for it. Empty texts: nobody.
struct Roles {
  std::string leader{};
  std::string old_leader{};    // who led before the leader, or last where nobody leads
  std::string most_lagging{};  // the node that knows least to be committed
};

// The hosts a selection means. REQUIRES: it passed check_selection. ERRORS: nobody has a role that is asked for.
Result<std::set<std::string>> select_hosts(const model::Selection& selection, const model::HostCounts& hosts,
                                           const Roles& roles, RandomStream& random);

}  // namespace fracas::controller
