#pragma once
#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

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
  // Goes on from these configurations of a stretch's first step, rows of Expansion::words().
  BreadthFirst(const Problem& problem, const Timeline& timeline, std::span<const Configuration> starts);

  // Explores up to `configurations` more, as long as bytes_soon() is below the bound; unknown = not finished yet.
  Linearizable advance(std::uint64_t configurations, std::size_t bytes_max = std::numeric_limits<std::size_t>::max());
  std::uint64_t explored() const { return explored_; }
  std::size_t bytes() const { return within_.bytes() + next_.bytes() + layer_.capacity() * sizeof(std::uint64_t); }
  // The same, and what the step to the next layer will add.
  std::size_t bytes_soon() const {
    const std::size_t rows = next_.size() * (expansion_.words() * sizeof(std::uint64_t) + kStepBytesPerRow);
    return within_.bytes_soon() + next_.bytes_soon() + std::max(rows, layer_.capacity() * sizeof(std::uint64_t));
  }
  std::uint32_t furthest_step() const { return step_; }
  // What is possible there. REQUIRES: advance() said yes.
  const ConfigurationSet& layer() const { return within_; }

 private:
  static constexpr std::size_t kStepBytesPerRow = 16;  // of drop_dominated()
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
