#include "checker/linearizability/expansion.h"

#include <algorithm>

namespace fracas::checker {
Expansion::Expansion(const Problem& problem, const Timeline& timeline) : problem_(problem), timeline_(timeline) {
  const auto most = std::max_element(timeline.effect.begin(), timeline.effect.end());
  tried_.assign(most == timeline.effect.end() ? 0 : *most + std::size_t{1}, 0);
}

Configuration Expansion::start(State from) const {
  Configuration configuration(words(), 0);
  configuration[1] = std::uint64_t{from} << 32;
  if (timeline_.returns() > 0) arrive(configuration);
  return configuration;
}

void Expansion::arrive(Configuration& configuration) const {
  const std::uint32_t at = step(configuration.data());
  if (at >= timeline_.returns()) return;
  const auto& here = timeline_.steps[at];
  const std::size_t expired_end = timeline_.steps[at + 1].expired;
  for (std::size_t i = here.expired; i < expired_end; ++i) clear(configuration.data(), timeline_.expired_slots[i]);
  for (std::size_t i = here.fresh; i < timeline_.steps[at + 1].fresh; ++i) {
    const std::uint32_t read = timeline_.fresh[i];
    if (fits(problem_.calls[read], state_of(configuration.data()))) set(configuration.data(), timeline_.slot[read]);
  }
  normalise_write_step(configuration);
}

// Only which pending writes it would absorb matters, so that configurations which differ in nothing else become one.
void Expansion::normalise_write_step(Configuration& configuration) const {
  std::uint64_t* c = configuration.data();
  if (write_step(c) == 0) return;
  std::uint32_t needed = 0;
  const std::uint32_t at = step(c);
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at + 1].pending; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    if (!problem_.calls[call].required) break;  // optional ones are last
    if (problem_.calls[call].kind != CallKind::write || timeline_.first_step[call] >= write_step(c)) continue;
    if (!has(c, timeline_.slot[call])) needed = std::max(needed, timeline_.first_step[call] + 1);
  }
  set_write_step(c, needed);
}

// Lets all pending reads of the configuration's state take effect; true if there was one.
bool Expansion::settle_reads(Configuration& configuration, std::uint32_t at) const {
  bool any = false;
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at + 1].pending; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    const Call& read = problem_.calls[call];
    if (!read.required) break;
    if (!is_pure(read) || !fits(read, state_of(configuration.data()))) continue;
    if (has(configuration.data(), timeline_.slot[call])) continue;
    set(configuration.data(), timeline_.slot[call]);
    any = true;
  }
  return any;
}

// Outside the lists that reads returned no read fits any more: allowed only when all of them took effect.
bool Expansion::leaves_known_lists(const std::uint64_t* from) const {
  const std::uint32_t at = step(from);
  if (timeline_.last_read_first_step > at) return false;
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at + 1].pending; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    if (problem_.calls[call].kind == CallKind::read && !has(from, timeline_.slot[call])) return false;
  }
  return true;
}

// Fills scratch_ with the configuration after `call` took effect; false where it cannot or need not be tried.
bool Expansion::try_call(std::uint32_t call, const std::uint64_t* from) {
  const Call& what = problem_.calls[call];
  if (is_pure(what) || has(from, timeline_.slot[call])) return false;
  if (tried_[timeline_.effect[call]] == expansion_) return false;
  tried_[timeline_.effect[call]] = expansion_;
  if (chained(from) && what.kind == CallKind::write) return false;
  const auto to = problem_.step(what, state_of(from));
  if (!to || (!what.required && *to == state_of(from))) return false;
  if (*to == kElsewhere && state_of(from) != kElsewhere && !leaves_known_lists(from)) return false;
  scratch_.assign(from, from + words());
  set_state(scratch_.data(), *to);
  set(scratch_.data(), timeline_.slot[call]);
  if (what.kind == CallKind::write) set_write_step(scratch_.data(), step(from) + 1);
  return true;
}

void Expansion::emit(std::vector<std::uint64_t>& moves, bool next_step) {
  if (next_step) {
    scratch_[0] = (std::uint64_t{step(scratch_.data())} + 1) << 1;
    arrive(scratch_);
  } else {
    normalise_write_step(scratch_);
  }
  moves.insert(moves.end(), scratch_.begin(), scratch_.end());
}

void Expansion::expand(const std::uint64_t* from, std::vector<std::uint64_t>& moves) {
  const std::uint32_t at = step(from);
  const std::uint32_t target = timeline_.steps[at].target;
  const std::uint32_t target_slot = timeline_.slot[target];
  if (has(from, target_slot)) {
    scratch_.assign(from, from + words());
    clear(scratch_.data(), target_slot);
    return emit(moves, true);
  }
  ++expansion_;
  const bool absorbable = problem_.calls[target].kind == CallKind::write && !chained(from);
  if (absorbable && timeline_.first_step[target] < write_step(from)) {
    scratch_.assign(from, from + words());
    emit(moves, true);
  }
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at + 1].pending; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    if (!try_call(call, from)) continue;
    const bool seen = settle_reads(scratch_, at);
    const bool done = has(scratch_.data(), target_slot);
    if (done) clear(scratch_.data(), target_slot);
    const Call& what = problem_.calls[call];
    const bool pointless = what.kind == CallKind::write || (what.kind == CallKind::cas && !what.required);
    scratch_[0] = std::uint64_t{at} << 1 | (!done && pointless && !seen ? 1U : 0U);
    emit(moves, done);
  }
}

}  // namespace fracas::checker
