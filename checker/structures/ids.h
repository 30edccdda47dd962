#pragma once
#include <cstdint>
#include <span>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

// What needs no state to judge: ids that were generated, and echoes.
namespace fracas::checker {

// Was no id given twice? That is also when the history is linearizable: any order of the operations will do. O(n).
// Counts: acknowledged, duplicated. ERRORS: "event N: …" for another function, or an answer without an id.
Result<Decision> decide_unique(const History& history, std::span<const std::uint32_t> operations);

// Do ids grow: is each greater than all that had been given before it was asked for; by the same process alone, or by
// anybody? Reads count as well: what they return may be seen again. O(n log n).
// ERRORS: "event N: …" for another function, or an answer that is not an integer.
Result<Decision> decide_growing(const History& history, std::span<const std::uint32_t> operations, bool per_process);

// Did every echo say what it was told? Counts: answered, wrong. O(n). ERRORS: "event N: …" for another function.
Result<Decision> decide_echo(const History& history, std::span<const std::uint32_t> operations);

}  // namespace fracas::checker
