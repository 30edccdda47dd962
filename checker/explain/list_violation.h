#pragma once
#include <string>
#include <vector>

#include "checker/history/operations.h"
#include "checker/linearizability/finding.h"

namespace fracas::checker {

// One sentence for a violated list-append key. `key` lists its operations; `finding` as decide_key returned it.
std::string classify_lists(const PairedOperations& operations, const std::vector<std::uint32_t>& key,
                           const Finding& finding);

}  // namespace fracas::checker
