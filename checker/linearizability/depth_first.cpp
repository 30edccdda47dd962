#include "checker/linearizability/depth_first.h"

#include <algorithm>

#include "checker/linearizability/replay.h"

namespace fracas::checker {

DepthFirst::DepthFirst(const Problem& problem, const Timeline& timeline)
    : problem_(problem),
      timeline_(timeline),
      expansion_(problem, timeline, Expansion::Reach::many_returns),
      seen_(expansion_.words()) {}

void DepthFirst::enter(std::uint32_t row, std::uint32_t mover) {
  way_.push_back({row, mover, 0});
  furthest_step_ = std::max(furthest_step_, step_of(seen_.row(row)));
}

// False when there are no more.
bool DepthFirst::next_start() {
  while (starts_ < problem_.starts.size()) {
    const Configuration start = expansion_.start(problem_.starts[starts_++]);
    const auto [row, fresh] = seen_.insert(start.data());
    if (!fresh) continue;
    enter(row, kNone);
    return true;
  }
  return false;
}

Linearizable DepthFirst::advance(std::uint64_t moves, std::size_t bytes_max) {
  for (;; --moves) {
    if (way_.empty() && !next_start()) return Linearizable::no;
    Place& here = way_.back();
    const std::uint64_t* from = seen_.row(here.row);
    if (step_of(from) == timeline_.returns()) return Linearizable::yes;
    if (moves == 0 || bytes_soon() >= bytes_max) return Linearizable::unknown;
    ++explored_;
    if (!expansion_.next_move(from, here.cursor)) {
      way_.pop_back();
      continue;
    }
    const auto [row, fresh] = seen_.insert(expansion_.move());
    if (fresh) enter(row, expansion_.mover());
  }
}

std::vector<std::uint32_t> DepthFirst::witness() const {
  std::vector<Move> moves;
  for (std::size_t i = 1; i < way_.size(); ++i) moves.push_back({way_[i].mover, step_of(seen_.row(way_[i].row))});
  return replay(problem_, timeline_, problem_.starts[starts_ - 1], moves);
}

}  // namespace fracas::checker
