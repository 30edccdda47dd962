#pragma once
#include <set>
#include <string>

#include "lib/base/random.h"
#include "lib/base/result.h"
#include "lib/model/selection.h"

namespace fracas::controller {

// The hosts a selection means. REQUIRES: it passed check_selection. `leader` is used only by "leader" and "followers".
// ERRORS: nobody leads where one of them is asked for.
Result<std::set<std::string>> select_hosts(const model::Selection& selection, const model::HostCounts& hosts,
                                           const std::string& leader, RandomStream& random);

}  // namespace fracas::controller
