#include "checker/linearizability/expansion.h"

#include <algorithm>
#include <cstring>

namespace fracas::checker {

Expansion::Expansion(const Problem& problem, const Timeline& timeline, Reach reach)
    : problem_(problem),
      timeline_(timeline),
      reach_(reach),
      words_(2 + (timeline.slots + 63) / 64),
      scratch_(words_, 0),
      constants_(std::any_of(problem.calls.begin(), problem.calls.end(),
                             [](const Call& call) { return is_constant(call); })) {}

Configuration Expansion::start(State from) {
  std::fill(scratch_.begin(), scratch_.end(), 0);
  set_state(scratch_.data(), from);
  arrive(scratch_.data());
  leap(scratch_.data());
  return scratch_;
}

void Expansion::resume(Configuration& from) const {
  from.resize(words_, 0);
  arrive(from.data());
}

bool Expansion::fits_now(const Call& pure, const std::uint64_t* c) const {
  if (pure.kind == CallKind::step) return problem_.space->step(state_of(c), pure.first) == state_of(c);
  return fits(pure, state_of(c));
}

// Clears what expired, and lets what was invoked since take effect where that changes nothing.
void Expansion::arrive(std::uint64_t* c) const {
  const std::uint32_t at = step_of(c);
  if (at >= timeline_.returns()) return;
  const auto& here = timeline_.steps[at];
  const auto& next = timeline_.steps[at + 1];
  for (std::size_t i = here.expired; i < next.expired; ++i) clear(c, timeline_.expired_slots[i]);
  for (std::size_t i = here.fresh; i < next.fresh; ++i) {
    const std::uint32_t read = timeline_.fresh[i];
    if (fits_now(problem_.calls[read], c)) set(c, timeline_.slot[read]);
  }
  normalise_write_step(c);
}

// Only which pending calls it would absorb matters, so that configurations which differ in nothing else become one.
void Expansion::normalise_write_step(std::uint64_t* c) const {
  if (write_step(c) == 0) return;
  std::uint32_t needed = 0;
  const auto& here = timeline_.steps[step_of(c)];
  for (std::size_t i = here.pending; i < here.optional; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    if (timeline_.first_step[call] < write_step(c) && timeline_.first_step[call] >= needed &&
        is_total(problem_.calls[call]) && !has(c, timeline_.slot[call]))
      needed = timeline_.first_step[call] + 1;
  }
  set_write_step(c, needed);
}

// Lets all pending pure calls that fit the configuration's state take effect; true if there was one.
bool Expansion::settle_reads(std::uint64_t* c, std::uint32_t at) const {
  bool any = false;
  const auto& here = timeline_.steps[at];
  for (std::size_t i = here.pending; i < here.optional; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    const Call& read = problem_.calls[call];
    if (!is_pure(read) || has(c, timeline_.slot[call]) || !fits_now(read, c)) continue;
    set(c, timeline_.slot[call]);
    any = true;
  }
  return any;
}

// Outside the lists that reads returned no read fits any more: allowed only when all of them took effect.
bool Expansion::leaves_known_lists(const std::uint64_t* from) const {
  const std::uint32_t at = step_of(from);
  if (timeline_.last_read_first_step > at) return false;
  for (std::size_t i = timeline_.steps[at].pending; i < timeline_.steps[at].optional; ++i) {
    const std::uint32_t call = timeline_.pending[i];
    if (problem_.calls[call].kind == CallKind::read && !has(from, timeline_.slot[call])) return false;
  }
  return true;
}

// Whether a call with the same effect has been tried at an earlier position that must return no later. One that may be
// left out does not stand for one that may not, even where that returns later: required calls come first.
// Nor does one that the last write may have hidden stand for one that came after it: the two could not change places.
// (A write hides whoever it stands for itself.)
bool Expansion::is_tried(std::uint32_t call, std::uint32_t position, const std::uint64_t* from) const {
  const std::uint32_t* pending = timeline_.pending.data() + timeline_.steps[step_of(from)].pending;
  const bool came_after = !is_constant(problem_.calls[call]) && timeline_.first_step[call] >= write_step(from);
  for (std::uint32_t i = 0; i < position; ++i) {
    const std::uint32_t other = pending[i];
    const bool same = timeline_.effect[other] == timeline_.effect[call] && !is_pure(problem_.calls[other]) &&
                      !has(from, timeline_.slot[other]) &&
                      problem_.calls[other].return_ns <= problem_.calls[call].return_ns;
    const bool hidden = is_total(problem_.calls[other]) && timeline_.first_step[other] < write_step(from);
    if (same && !(hidden && came_after)) return true;
  }
  return false;
}

// Whether other pending calls could be absorbed after this one that cannot be now: then it is of use although it leaves
// the state as it is.
bool Expansion::hides_more(const Call& what, const std::uint64_t* from) const {
  if (!is_constant(what)) return false;
  const auto& here = timeline_.steps[step_of(from)];
  for (std::size_t i = here.pending; i < here.optional; ++i) {
    const std::uint32_t other = timeline_.pending[i];
    if (timeline_.first_step[other] >= write_step(from) && is_total(problem_.calls[other]) &&
        !has(from, timeline_.slot[other]))
      return true;
  }
  return false;
}

// Fills scratch_ with the configuration after the call at this position took effect; false where it cannot or need not
// be tried.
bool Expansion::try_call(std::uint32_t position, const std::uint64_t* from) {
  const std::uint32_t call = timeline_.pending[timeline_.steps[step_of(from)].pending + position];
  const Call& what = problem_.calls[call];
  if (is_pure(what) || has(from, timeline_.slot[call])) return false;
  if (chained(from) && is_constant(what)) return false;
  const auto to = problem_.step(what, state_of(from));
  if (!to || (!what.required && *to == state_of(from) && !hides_more(what, from))) return false;
  if (is_tried(call, position, from)) return false;
  if (what.kind == CallKind::append && *to == kElsewhere && state_of(from) != kElsewhere && !leaves_known_lists(from))
    return false;
  std::memcpy(scratch_.data(), from, words_ * sizeof(std::uint64_t));
  set_state(scratch_.data(), *to);
  set(scratch_.data(), timeline_.slot[call]);
  if (is_constant(what)) set_write_step(scratch_.data(), step_of(from) + 1);
  mover_ = call;
  return true;
}

// To the next return. REQUIRES: the target of the configuration's step took effect.
void Expansion::next_return(std::uint64_t* c) const {
  const std::uint32_t at = step_of(c);
  clear(c, timeline_.slot[timeline_.steps[at].target]);
  c[0] = (std::uint64_t{at} + 1) << 1;
  arrive(c);
}

// Passes the returns of calls that took effect already.
void Expansion::leap(std::uint64_t* c) const {
  while (reach_ == Reach::many_returns && step_of(c) < timeline_.returns() &&
         has(c, timeline_.slot[timeline_.steps[step_of(c)].target]))
    next_return(c);
}

// Brings scratch_ into its normal form. `done`: the target took effect.
void Expansion::finish(bool done) {
  std::uint64_t* c = scratch_.data();
  if (!done) return normalise_write_step(c);
  next_return(c);
  leap(c);
}

// The target took effect before, is absorbed, or left out.
void Expansion::pass(const std::uint64_t* from) {
  std::memcpy(scratch_.data(), from, words_ * sizeof(std::uint64_t));
  mover_ = kNone;
  finish(true);
}

bool Expansion::next_move(const std::uint64_t* from, std::uint32_t& cursor) {
  const std::uint32_t at = step_of(from);
  const auto& here = timeline_.steps[at];
  const Call& target = problem_.calls[here.target];
  const auto end = static_cast<std::uint32_t>(timeline_.steps[at + 1].pending - here.pending) + 1;
  const std::uint32_t target_slot = timeline_.slot[here.target];
  if (cursor == 0) {
    cursor = has(from, target_slot) ? end : 1;
    const bool absorbed = is_total(target) && !chained(from) && timeline_.first_step[here.target] < write_step(from);
    if (cursor == end || absorbed || !target.required) {
      pass(from);
      return true;
    }
  }
  while (cursor < end) {
    if (!try_call(cursor++ - 1, from)) continue;
    const bool seen = settle_reads(scratch_.data(), at);
    const bool done = has(scratch_.data(), target_slot);
    const Call& what = problem_.calls[mover_];
    const bool pointless = constants_ && (is_total(what) || !what.required);
    scratch_[0] = std::uint64_t{at} << 1U | (!done && pointless && !seen ? 1U : 0U);
    finish(done);
    return true;
  }
  return false;
}

}  // namespace fracas::checker
