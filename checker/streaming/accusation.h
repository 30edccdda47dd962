#pragma once
#include "checker/history/history.h"
#include "checker/streaming/frontier.h"
#include "checker/verdict.h"

namespace fracas::checker {

// What is known of the frontier's violation, as a check says it: the proof of a batch check where the last stretch and
// what the key held before it are enough for one, else the operations around the answer that fits no order.
// `values` are those of the frontier's; `start_ns` is what times in sentences count from.
CheckResult accuse(const Frontier& frontier, const Values& values, Value key, bool cas, std::int64_t start_ns);

}  // namespace fracas::checker
