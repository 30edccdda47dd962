#pragma once
#include <string>

#include "checker/verdict.h"

namespace fracas::checker {

// The proof as a picture: an SVG file that needs nothing else, in light and dark. Operations are lanes, one a client,
// with the faults as bands behind them, the longest order that works as a numbered path, and what cannot follow in red;
// transactions are the circle they form. Distances in time are compressed. Empty where there is nothing to draw.
std::string draw(const Counterexample& example);

// The proof's circle of transactions alone. REQUIRES: example.cycle is not empty.
std::string draw_cycle(const Counterexample& example);

}  // namespace fracas::checker
