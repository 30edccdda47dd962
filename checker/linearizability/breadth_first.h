#pragma once
#include "checker/linearizability/configuration.h"
#include "checker/linearizability/configuration_set.h"
#include "checker/linearizability/dominance.h"
#include "checker/linearizability/expansion.h"
#include "checker/linearizability/finding.h"
#include "checker/linearizability/timeline.h"

namespace fracas::checker {

// Carries the set of all configurations that are possible from one return to the next. Empty = not linearizable.
// Needs memory for one layer only, and drops configurations that another of the layer dominates: the same but with
// fewer calls of unknown outcome spent, and a later last write.
class BreadthFirst {
 public:
  BreadthFirst(const Problem& problem, const Timeline& timeline);

  // Explores about `configurations` more; unknown = not finished yet.
  Linearizable advance(std::uint64_t configurations);
  std::uint64_t explored() const { return explored_; }
  std::size_t bytes() const { return within_.bytes() + next_.bytes() + layer_.capacity() * sizeof(std::uint64_t); }
  std::uint32_t furthest_step() const { return step_; }

 private:
  void finish_layer();
  std::vector<std::uint64_t> optional_slots() const;

  const Timeline& timeline_;
  Expansion expansion_;
  ConfigurationSet within_;  // at step_
  ConfigurationSet next_;    // at step_ + 1
  std::vector<std::uint64_t> layer_;
  std::uint32_t cursor_ = 0;  // the row of within_ to be expanded next
  std::uint32_t step_ = 0;
  Configuration current_;
  std::uint64_t explored_ = 0;
};

}  // namespace fracas::checker
