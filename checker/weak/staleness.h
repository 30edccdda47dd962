#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/model_kind.h"
#include "checker/models/problem.h"

namespace fracas::checker::weak {

// How far the reads of one key lag behind its writes.
struct Staleness {
  bool bounded = true;      // false: some read saw a value that nobody wrote, or that was only written after it
  bool unknown = false;     // values were written more than once, or a budget ran out
  std::int64_t age_ns = 0;  // the least time by which all reads must be taken to have begun earlier
  // The least k such that some order of the writes has each read see one of its k newest versions: at least, and at
  // most. They are equal wherever no write overlaps another.
  std::uint64_t versions_min = 1, versions_max = 1;
  std::vector<std::uint32_t> oldest;  // operations that show versions_min: the read, what it saw, and what came between
};

// `key` lists the reads and writes of one key. Sources: Golab, Li and Shah, "Analyzing Consistency Properties for Fun
// and Profit" (PODC 2011), for the age (their Δ-atomicity); Aiyer, Alvisi and Bazzi, "On the Availability of
// Non-strict Quorum Systems" (DISC 2005), for the versions (k-atomicity). Time: O(n log n) for each of about fifty
// steps. ERRORS: "event N: …" where an operation is neither a read nor a write.
Result<Staleness> measure_staleness(const History& history, std::span<const std::uint32_t> key,
                                    std::optional<Value> initial, const Budget& budget);

// A register's calls, with every read begun earlier by `age_ns`.
Problem aged(const Problem& problem, std::int64_t age_ns);

// Every key by itself, against the request's `versions` and `seconds`; without either, it tells the numbers, and only
// reads that no bound allows break it. ERRORS: those of measure_staleness; a parameter that is not understood.
Result<CheckResult> check_bounded_staleness(const History& history, const Request& request,
                                            std::optional<Value> initial);

}  // namespace fracas::checker::weak
