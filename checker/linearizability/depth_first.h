#pragma once
#include <algorithm>

#include "checker/linearizability/configuration.h"
#include "checker/linearizability/configuration_set.h"
#include "checker/linearizability/finding.h"

namespace fracas::checker {

// `Moves` is Expansion or ModelExpansion.
// Looks for one order of all calls. Remembers every configuration it met, so it can also exhaust them.
template <typename Moves>
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

  Moves expansion_;
  std::size_t returns_;
  ConfigurationSet seen_;
  std::vector<std::uint32_t> stack_;  // rows of seen_
  std::vector<std::uint64_t> moves_;
  Configuration current_;
  std::uint64_t explored_ = 0;
  std::uint32_t furthest_step_ = 0;
};

template <typename Moves>
DepthFirst<Moves>::DepthFirst(const Problem& problem, const Timeline& timeline)
    : expansion_(problem, timeline), returns_(timeline.returns()), seen_(expansion_.words()) {
  for (const State start : problem.starts) {
    const Configuration configuration = expansion_.start(start);
    if (const auto [row, fresh] = seen_.insert(configuration.data()); fresh) stack_.push_back(row);
  }
}

template <typename Moves>
void DepthFirst<Moves>::push_moves() {
  const std::size_t words = expansion_.words();
  for (std::size_t at = moves_.size(); at > 0; at -= words) {  // the best move last, to be taken first
    const auto [row, fresh] = seen_.insert(moves_.data() + at - words);
    if (fresh) stack_.push_back(row);
  }
}

template <typename Moves>
Linearizable DepthFirst<Moves>::advance(std::uint64_t configurations) {
  const std::size_t words = expansion_.words();
  for (; !stack_.empty(); --configurations) {
    if (configurations == 0) return Linearizable::unknown;
    const std::uint64_t* row = seen_.row(stack_.back());
    stack_.pop_back();
    current_.assign(row, row + words);
    const std::uint32_t step = step_of(current_.data());
    furthest_step_ = std::max(furthest_step_, step);
    if (step == returns_) return Linearizable::yes;
    ++explored_;
    moves_.clear();
    expansion_.expand(current_.data(), moves_);
    push_moves();
  }
  return Linearizable::no;
}

}  // namespace fracas::checker
