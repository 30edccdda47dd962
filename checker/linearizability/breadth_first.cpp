#include "checker/linearizability/breadth_first.h"

namespace fracas::checker {

BreadthFirst::BreadthFirst(const Problem& problem, const Timeline& timeline)
    : timeline_(timeline),
      expansion_(problem, timeline, Expansion::Reach::one_return),
      within_(expansion_.words()),
      next_(expansion_.words()) {
  for (const State start : problem.starts) within_.insert(expansion_.start(start).data());
}

BreadthFirst::BreadthFirst(const Problem& problem, const Timeline& timeline, std::span<const Configuration> starts)
    : timeline_(timeline),
      expansion_(problem, timeline, Expansion::Reach::one_return),
      within_(expansion_.words()),
      next_(expansion_.words()) {
  for (Configuration start : starts) {
    expansion_.resume(start);
    step_ = step_of(start.data());
    within_.insert(start.data());
  }
}

std::vector<std::uint64_t> BreadthFirst::optional_slots() const {
  std::vector<std::uint64_t> mask(expansion_.words() - 2, 0);
  for (std::size_t i = timeline_.steps[step_].optional; i < timeline_.steps[step_ + 1].pending; ++i) {
    const std::uint32_t slot = timeline_.slot[timeline_.pending[i]];
    mask[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }
  return mask;
}

// Moves on to the next return with what survives of its configurations.
void BreadthFirst::finish_layer() {
  const std::size_t words = expansion_.words();
  ++step_;
  layer_.clear();
  layer_.reserve(next_.size() * words);
  for (std::uint32_t i = 0; i < next_.size(); ++i) layer_.insert(layer_.end(), next_.row(i), next_.row(i) + words);
  if (step_ < timeline_.returns() && next_.size() > 1) drop_dominated(layer_, words, optional_slots());
  within_.clear();
  next_.clear();
  for (std::size_t at = 0; at < layer_.size(); at += words) within_.insert(layer_.data() + at);
  cursor_ = 0;
}

Linearizable BreadthFirst::advance(std::uint64_t configurations, std::size_t bytes_max) {
  const std::size_t words = expansion_.words();
  for (;;) {
    if (step_ == timeline_.returns()) return Linearizable::yes;
    for (; cursor_ < within_.size(); ++cursor_, --configurations) {
      if (configurations == 0 || bytes_soon() >= bytes_max) return Linearizable::unknown;
      current_.assign(within_.row(cursor_), within_.row(cursor_) + words);
      ++explored_;
      for (std::uint32_t cursor = 0; expansion_.next_move(current_.data(), cursor);)
        (step_of(expansion_.move()) == step_ ? within_ : next_).insert(expansion_.move());
    }
    if (next_.size() == 0) return Linearizable::no;
    finish_layer();
  }
}

}  // namespace fracas::checker
