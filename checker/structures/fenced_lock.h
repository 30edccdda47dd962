#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "checker/history/history.h"
#include "checker/structures/decision.h"
#include "lib/base/result.h"

// A lock whose acquire answers with a token that must grow from holder to holder, so that what it guards can refuse a
// holder that has lost it. Only its holder may release it.
namespace fracas::checker {

inline constexpr std::int64_t kNoToken = std::numeric_limits<std::int64_t>::min();

// One time a process had the lock, by what it saw: operations, since histories are large and these are as many.
struct Holding {
  std::int64_t token = kNoToken;
  std::uint32_t acquired = kNone;
  std::uint32_t released = kNone;  // none: it never released
  std::uint32_t next = kNone;      // the acquire with which the process went on, so that it had it no more
  bool seen = true;                // the acquire was answered
};

struct Holdings {
  LargeVector<Holding> all;     // by token, or where there are none by the return of the acquire
  std::vector<Decision> wrong;  // a release by who did not hold it; an acquire by who does; a token given twice
  bool tokens = false;          // the lock gives tokens
  bool tangled = false;         // a process went on after an unanswered operation that may still take effect
  bool incomplete = false;      // somebody held it, but nobody saw since when, or with which token
};

// A process whose acquire has no answer may hold the lock: it counts only where the process releases it later.
// ERRORS: "event N: …" for another function, or a token that is not an integer.
Result<Holdings> holdings_of(const History& history, std::span<const std::uint32_t> operations);

// Is there an order in which one process at a time holds the lock, and tokens grow? O(n log n), exact; unknown only
// where a lock gives tokens and somebody held it without being told his.
Decision decide_fenced_lock(const History& history, const Holdings& holdings);

// Do tokens grow in real time, whether or not two processes believed that they held the lock? O(n log n).
Decision decide_fencing(const History& history, const Holdings& holdings);

// Pairs of holdings that surely overlap: each with the one that began before it.
std::size_t overlaps(const History& history, const Holdings& holdings);

}  // namespace fracas::checker
