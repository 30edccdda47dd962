#pragma once
#include <vector>

#include "agent/effect.h"

namespace fracas::agent {

// An effect that lives in the kernel for as long as somebody holds its descriptors.
class KeptEffect : public Effect {
 public:
  // Whoever holds copies keeps it going until its window or lease ends, even if this process dies. Borrowed.
  virtual std::vector<int> keep_alive_fds() const = 0;
};

}  // namespace fracas::agent
