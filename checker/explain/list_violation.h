#pragma once
#include <span>
#include <string>

#include "checker/history/history.h"
#include "checker/linearizability/finding.h"

namespace fracas::checker {

// One sentence for a violated list-append key. `key` lists its operations; `finding` as decide_key returned it.
std::string classify_lists(const History& history, std::span<const std::uint32_t> key, const Finding& finding);

}  // namespace fracas::checker
