#include "checker/linearizability/model_expansion.h"

#include <algorithm>

namespace fracas::checker {

ModelExpansion::ModelExpansion(const Problem& problem, const Timeline& timeline)
    : problem_(problem), timeline_(timeline) {
  const auto most = std::max_element(timeline.effect.begin(), timeline.effect.end());
  tried_.assign(most == timeline.effect.end() ? 0 : *most + std::size_t{1}, 0);
}

Configuration ModelExpansion::start(State from) const {
  Configuration configuration(words(), 0);
  set_state(configuration.data(), from);
  if (timeline_.returns() > 0) arrive(configuration);
  return configuration;
}

// Clears what expired, and lets what was invoked since take effect where that changes nothing.
void ModelExpansion::arrive(Configuration& configuration) const {
  std::uint64_t* c = configuration.data();
  const std::uint32_t at = step_of(c);
  if (at >= timeline_.returns()) return;
  const auto& here = timeline_.steps[at];
  const auto& next = timeline_.steps[at + 1];
  for (std::size_t i = here.expired; i < next.expired; ++i) clear(c, timeline_.expired_slots[i]);
  for (std::size_t i = here.fresh; i < next.fresh; ++i) {
    const std::uint32_t call = timeline_.fresh[i];
    if (problem_.space->step(state_of(c), problem_.calls[call].first) == state_of(c)) set(c, timeline_.slot[call]);
  }
}

void ModelExpansion::settle(Configuration& configuration, std::uint32_t at) const {
  std::uint64_t* c = configuration.data();
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at + 1].pending; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    if (!problem_.calls[call].required) break;  // optional ones are last
    if (!is_pure(problem_.calls[call]) || has(c, timeline_.slot[call])) continue;
    if (problem_.space->step(state_of(c), problem_.calls[call].first) == state_of(c)) set(c, timeline_.slot[call]);
  }
}

void ModelExpansion::emit(std::vector<std::uint64_t>& moves, bool next_step) {
  if (next_step) {
    scratch_[0] = (std::uint64_t{step_of(scratch_.data())} + 1) << 1;
    arrive(scratch_);
  }
  moves.insert(moves.end(), scratch_.begin(), scratch_.end());
}

void ModelExpansion::expand(const std::uint64_t* from, std::vector<std::uint64_t>& moves) {
  const std::uint32_t at = step_of(from);
  const std::uint32_t target_slot = timeline_.slot[timeline_.steps[at].target];
  if (has(from, target_slot)) {
    scratch_.assign(from, from + words());
    clear(scratch_.data(), target_slot);
    return emit(moves, true);
  }
  ++expansion_;
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at + 1].pending; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    const Call& what = problem_.calls[call];
    if (is_pure(what) || has(from, timeline_.slot[call]) || tried_[timeline_.effect[call]] == expansion_) continue;
    tried_[timeline_.effect[call]] = expansion_;
    const State to = problem_.space->step(state_of(from), what.first);
    if (to == kNoState || (to == state_of(from) && !what.required)) continue;
    scratch_.assign(from, from + words());
    set_state(scratch_.data(), to);
    set(scratch_.data(), timeline_.slot[call]);
    settle(scratch_, at);
    const bool done = has(scratch_.data(), target_slot);
    if (done) clear(scratch_.data(), target_slot);
    emit(moves, done);
  }
}

}  // namespace fracas::checker
