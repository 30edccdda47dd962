#pragma once
#include <cstdint>

#include "agent/line/delay_line.h"
#include "lib/base/random.h"

namespace fracas::agent {

// The part of each packet's delay that varies. The numbers behind it are a chain of normal ones in which each is
// correlated with the one before; mapping them through their distribution gives any form without changing it.
// Source: Cario and Nelson, "Modeling and generating random vectors with arbitrary marginal distributions", 1997.
class Jitter {
 public:
  explicit Jitter(const LineRule& rule);

  // What is added to the delay: never below -delay.
  std::int64_t next_ns();
  // The most next_ns can give.
  static std::int64_t reach_ns(const LineRule& rule);

 private:
  double next_normal();

  LineRule rule_;
  RandomStream random_;
  double last_ = 0;
};

}  // namespace fracas::agent
