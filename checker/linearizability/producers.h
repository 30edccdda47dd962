#pragma once
#include <vector>

#include "checker/models/problem.h"

namespace fracas::checker {

// By register state: the calls that can bring it about, and the earliest return of a read that saw it.
struct Producers {
  struct Of {
    std::uint32_t count = 0;
    std::uint32_t earliest = kNone;      // the producer invoked first
    std::uint32_t first_reader = kNone;  // the read or compare-and-set that returned first having seen it
  };
  std::vector<Of> of;

  explicit Producers(const Problem& problem);
};

}  // namespace fracas::checker
