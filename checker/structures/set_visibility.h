#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

// A set that elements are only added to, by what reads of the whole set show of each.
namespace fracas::checker {

enum class Visibility : std::uint8_t {
  eventual,   // an element once known to be there ends up visible for good
  immediate,  // and no read that began after it was known lacked it
  last_read,  // the last read has all that were acknowledged
};

// Why it is unknown.
inline constexpr const char* kNothingStable = "no element was seen to be there for good";

struct VisibilityFindings {
  Decision decision;
  std::vector<std::int64_t> stable_after_ns;  // of each that ended up visible: how long after it was known
};

// An element is known when its add returned, or when a read that shows it did. A read lacks or shows all elements whose
// add had begun before it returned. An element is stable where the last read that shows it began after the last that
// lacks it; lost where it is known, and the last read that lacks it began after it was known and after the last that
// shows it; never read otherwise. A stable one is stale where a read that lacks it began after it was known.
// An element that a read shows twice, or that nothing added, is always refused. Where elements are known and none is
// stable, nothing has been shown: unknown. For last_read: unknown without a read.
// O(n log n + elements read), without touching every element at every read: what a read lacks is what the one before
// had and it has not, and what was added between.
// Counts: acknowledged, stable, stale, lost, never_read, duplicated, unexpected.
// ERRORS: "event N: …" for a function other than add and read, or a read whose result is no list.
// Source: Jepsen's set and set-full checkers, which this agrees with where no read shows what failed to be added.
Result<VisibilityFindings> examine_visibility(const History& history, std::span<const std::uint32_t> operations,
                                              Visibility visibility);

}  // namespace fracas::checker
