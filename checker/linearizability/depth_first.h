#pragma once
#include "checker/linearizability/configuration_set.h"
#include "checker/linearizability/expansion.h"
#include "checker/linearizability/finding.h"

namespace fracas::checker {

// Looks for one order of all calls. Remembers every configuration it met, so it can also exhaust them.
class DepthFirst {
 public:
  DepthFirst(const Problem& problem, const Timeline& timeline);

  // Explores up to `configurations` more; unknown = not finished yet.
  Linearizable advance(std::uint64_t configurations);
  std::uint64_t explored() const { return explored_; }
  std::size_t bytes() const { return seen_.bytes() + stack_.capacity() * sizeof(std::uint32_t); }
  std::uint32_t furthest_step() const { return furthest_step_; }

 private:
  void push_moves();

  Expansion expansion_;
  std::size_t returns_;
  ConfigurationSet seen_;
  std::vector<std::uint32_t> stack_;  // rows of seen_
  std::vector<std::uint64_t> moves_;
  Configuration current_;
  std::uint64_t explored_ = 0;
  std::uint32_t furthest_step_ = 0;
};

}  // namespace fracas::checker
