#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "checker/models/problem.h"
#include "checker/verdict.h"

namespace fracas::checker {

// Says what is held at some point of an order: before its first call where `order` is empty.
// `order` are indexes into the calls, `start` is the state that it began with.
using DescribeState = std::function<std::string(State start, std::span<const std::uint32_t> order, State now)>;

struct StuckProblem {
  const Problem* problem = nullptr;  // borrowed: its calls are those that are ordered, its starts are tried
  std::vector<std::size_t> shown;    // by call: index into Counterexample::operations
  DescribeState describe;
};

// The longest orders of a violated problem's calls: those that place the most required calls, and of these the ones
// with the fewest optional calls; at most three that differ in what they have placed. Empty where the problem has more
// than 64 calls, or too many orders to try them all: then nothing certain can be said; and where some order places all.
std::vector<DeadEnd> find_dead_ends(const StuckProblem& stuck);

// Lines for people: "an order gets as far as: 1 c1's write 17 (holds 17), 2 …" and, for what cannot follow, "then c4's
// read 17 does not fit: 21 is held".
std::vector<std::string> render_dead_ends(const Counterexample& example);

}  // namespace fracas::checker
