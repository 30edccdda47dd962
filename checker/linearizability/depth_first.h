#pragma once
#include <optional>
#include <vector>

#include "checker/linearizability/configuration.h"
#include "checker/linearizability/configuration_set.h"
#include "checker/linearizability/expansion.h"
#include "checker/linearizability/finding.h"

namespace fracas::checker {

// Looks for one order of all calls. Remembers every configuration it met, so it can also exhaust them.
class DepthFirst {
 public:
  // Borrows both. `trace`: remember the way, for witness().
  DepthFirst(const Problem& problem, const Timeline& timeline, bool trace);

  // Explores up to `configurations` more; unknown = not finished yet.
  Linearizable advance(std::uint64_t configurations);
  std::uint64_t explored() const { return explored_; }
  std::size_t bytes() const;
  // All returns before this one have been passed in some order.
  std::uint32_t furthest_step() const { return furthest_step_; }
  // The order that was found, as indexes into the problem's calls. REQUIRES: trace, and advance() said yes.
  std::vector<std::uint32_t> witness() const;

 private:
  struct Origin {
    std::uint32_t row = 0;   // of seen_; itself for a start
    std::uint32_t call = 0;  // that took effect on the way from there; kNone where none did
  };
  void push_moves(std::uint32_t from);

  const Problem& problem_;
  const Timeline& timeline_;
  Expansion expansion_;
  bool trace_;
  ConfigurationSet seen_;
  std::vector<Origin> origins_;       // by row, if they are traced
  std::vector<std::uint32_t> stack_;  // rows of seen_
  std::vector<std::uint64_t> moves_;
  std::vector<std::uint32_t> movers_;
  Configuration current_;
  std::uint64_t explored_ = 0;
  std::uint32_t furthest_step_ = 0;
  std::uint32_t last_row_ = 0;
};

}  // namespace fracas::checker
