#include "checker/linearizability/depth_first.h"

#include <algorithm>

namespace fracas::checker {

DepthFirst::DepthFirst(const Problem& problem, const Timeline& timeline)
    : expansion_(problem, timeline), returns_(timeline.returns()), seen_(expansion_.words()) {
  for (const State start : problem.starts) {
    const Configuration configuration = expansion_.start(start);
    if (const auto [row, fresh] = seen_.insert(configuration.data()); fresh) stack_.push_back(row);
  }
}

void DepthFirst::push_moves() {
  const std::size_t words = expansion_.words();
  for (std::size_t at = moves_.size(); at > 0; at -= words) {  // the best move last, to be taken first
    const auto [row, fresh] = seen_.insert(moves_.data() + at - words);
    if (fresh) stack_.push_back(row);
  }
}

Linearizable DepthFirst::advance(std::uint64_t configurations) {
  const std::size_t words = expansion_.words();
  for (; !stack_.empty(); --configurations) {
    if (configurations == 0) return Linearizable::unknown;
    const std::uint64_t* row = seen_.row(stack_.back());
    stack_.pop_back();
    current_.assign(row, row + words);
    const std::uint32_t step = Expansion::step(current_.data());
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
