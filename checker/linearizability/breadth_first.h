#pragma once
#include "checker/linearizability/configuration.h"
#include "checker/linearizability/configuration_set.h"
#include "checker/linearizability/dominance.h"
#include "checker/linearizability/finding.h"
#include "checker/linearizability/timeline.h"

namespace fracas::checker {

// Carries the set of all configurations that are possible from one return to the next. Empty = not linearizable.
// Needs memory for one layer only, and drops configurations that another of the layer dominates: the same but with
// fewer calls of unknown outcome spent, and a later last write. `Moves` is Expansion or ModelExpansion.
template <typename Moves>
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

  const Problem& problem_;
  const Timeline& timeline_;
  Moves expansion_;
  ConfigurationSet within_;  // at step_
  ConfigurationSet next_;    // at step_ + 1
  std::vector<std::uint64_t> layer_;
  std::uint32_t cursor_ = 0;  // the row of within_ to be expanded next
  std::uint32_t step_ = 0;
  std::vector<std::uint64_t> moves_;
  Configuration current_;
  std::uint64_t explored_ = 0;
};

template <typename Moves>
BreadthFirst<Moves>::BreadthFirst(const Problem& problem, const Timeline& timeline)
    : problem_(problem),
      timeline_(timeline),
      expansion_(problem, timeline),
      within_(expansion_.words()),
      next_(expansion_.words()) {
  for (const State start : problem.starts) within_.insert(expansion_.start(start).data());
}

template <typename Moves>
std::vector<std::uint64_t> BreadthFirst<Moves>::optional_slots() const {
  std::vector<std::uint64_t> mask(expansion_.words() - 2, 0);
  for (std::size_t i = timeline_.steps[step_ + 1].pending; i-- > timeline_.steps[step_].pending;) {
    const std::uint32_t call = timeline_.pending[i];
    if (problem_.calls[call].required) break;
    mask[timeline_.slot[call] / 64] |= std::uint64_t{1} << (timeline_.slot[call] % 64);
  }
  return mask;
}

// Moves on to the next return with what survives of its configurations.
template <typename Moves>
void BreadthFirst<Moves>::finish_layer() {
  const std::size_t words = expansion_.words();
  ++step_;
  layer_.clear();
  for (std::uint32_t i = 0; i < next_.size(); ++i) layer_.insert(layer_.end(), next_.row(i), next_.row(i) + words);
  if (step_ < timeline_.returns() && next_.size() > 1) drop_dominated(layer_, words, optional_slots());
  within_.clear();
  next_.clear();
  for (std::size_t at = 0; at < layer_.size(); at += words) within_.insert(layer_.data() + at);
  cursor_ = 0;
}

template <typename Moves>
Linearizable BreadthFirst<Moves>::advance(std::uint64_t configurations) {
  const std::size_t words = expansion_.words();
  for (;;) {
    if (step_ == timeline_.returns()) return Linearizable::yes;
    for (; cursor_ < within_.size(); ++cursor_, --configurations) {
      if (configurations == 0) return Linearizable::unknown;
      current_.assign(within_.row(cursor_), within_.row(cursor_) + words);
      ++explored_;
      moves_.clear();
      expansion_.expand(current_.data(), moves_);
      for (std::size_t at = 0; at < moves_.size(); at += words) {
        const std::uint64_t* move = moves_.data() + at;
        (step_of(move) == step_ ? within_ : next_).insert(move);
      }
    }
    if (next_.size() == 0) return Linearizable::no;
    finish_layer();
  }
}

}  // namespace fracas::checker
