#pragma once
#include <cstddef>
#include <limits>
#include <vector>

#include "checker/linearizability/configuration_set.h"
#include "checker/linearizability/expansion.h"
#include "checker/linearizability/finding.h"

namespace fracas::checker {

// Looks for one order of all calls. Remembers every configuration it was in, so it can also exhaust them.
class DepthFirst {
 public:
  // Borrows both.
  DepthFirst(const Problem& problem, const Timeline& timeline);

  // Makes up to `moves` more, as long as bytes_soon() is below the bound; unknown = not finished yet.
  Linearizable advance(std::uint64_t moves, std::size_t bytes_max = std::numeric_limits<std::size_t>::max());
  std::uint64_t explored() const { return explored_; }  // moves
  std::size_t bytes() const { return seen_.bytes() + way_.capacity() * sizeof(Place); }
  // The same, and what the next move may add.
  std::size_t bytes_soon() const {
    return seen_.bytes_soon() + way_.capacity() * sizeof(Place) * (way_.size() == way_.capacity() ? 3 : 1);
  }
  // All returns before this one have been passed in some order.
  std::uint32_t furthest_step() const { return furthest_step_; }
  // The order that was found, as indexes into the problem's calls. REQUIRES: advance() said yes.
  std::vector<std::uint32_t> witness() const;

 private:
  struct Place {
    std::uint32_t row = 0;     // of seen_
    std::uint32_t mover = 0;   // the call that took effect on the way here, as Expansion::mover()
    std::uint32_t cursor = 0;  // of the moves that were tried from here
  };
  bool next_start();
  void enter(std::uint32_t row, std::uint32_t mover);

  const Problem& problem_;
  const Timeline& timeline_;
  Expansion expansion_;
  ConfigurationSet seen_;
  std::vector<Place> way_;  // from the start to where the search is
  std::size_t starts_ = 0;  // that have been tried
  std::uint64_t explored_ = 0;
  std::uint32_t furthest_step_ = 0;
};

}  // namespace fracas::checker
