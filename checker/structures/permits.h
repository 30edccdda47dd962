#pragma once
#include <cstdint>
#include <span>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

namespace fracas::checker {

// Is there an order of acquires and releases in which never fewer than none and never more than `permits` are held?
// Whoever releases need not be who acquired. A mutex is one permit. O(n log n), exact, with a witness: what has not
// answered is used as late as possible, and of two that may be used, the one that has to return first.
// `operations` are those of one lock. REQUIRES: permits > 0. ERRORS: "event N: …" for another function.
Result<Decision> decide_permits(const History& history, std::span<const std::uint32_t> operations,
                                std::int64_t permits);

}  // namespace fracas::checker
