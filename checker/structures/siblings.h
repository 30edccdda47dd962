#pragma once
#include <cstdint>
#include <span>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

namespace fracas::checker {

// One key of a store that keeps values written at the same time side by side ("siblings"), as Dynamo and Riak do: a
// read answers with all of them, a write replaces those that the last read of its process saw, and no others.
//
// The last reads are the answered ones that began after the last acknowledged write had returned; they are what the
// store came to. Refused: a read of what nobody wrote; an acknowledged value that no last read shows, though no write
// replaced it (lost); one that a last read shows, though an acknowledged write replaced it (resurrected); with
// `converged`, two last reads that differ. Writes without an answer may have replaced, and may show. Without a last
// read, or with a value written twice: unknown. O(n + values read).
// Counts: acknowledged, lost, resurrected, diverged, last_reads.
// ERRORS: "event N: …" for another function than read and write. A read's result is a list, a value, or nothing.
Result<Decision> decide_siblings(const History& history, std::span<const std::uint32_t> operations, bool converged);

}  // namespace fracas::checker
