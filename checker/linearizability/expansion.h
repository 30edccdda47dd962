#pragma once
#include <cstdint>
#include <vector>

#include "checker/linearizability/configuration.h"
#include "checker/linearizability/timeline.h"

namespace fracas::checker {

// The moves of the just-in-time search: nothing takes effect before some call must return.
//   R1  a pending pure call that fits the state takes effect at once: it changes nothing, and waiting cannot help it.
//   R2  a total call nobody will see is absorbed: placed right before the last constant call (a write), if it was
//       invoked before that. So nothing takes effect only to be overwritten, unless something sees it in between.
//   R3  a call of unknown outcome takes effect only if something is gained by it (another state, or a constant call
//       that hides others), and not after its last observer.
// Of several pending calls with the same effect, only the one that must return first is tried: they could swap. (A call
// that may be left out is tried beside one that may not, if it has to be over earlier.)
// Source: Lowe, "Testing for linearizability", Concurrency and Computation 29(4), 2017, for just-in-time linearization.
class Expansion {
 public:
  // How far a move goes: to the next return at most, or over all returns of calls that took effect already.
  enum class Reach : std::uint8_t { one_return, many_returns };

  // Borrows both.
  Expansion(const Problem& problem, const Timeline& timeline, Reach reach);

  std::size_t words() const { return words_; }
  Configuration start(State state);
  // Brings a configuration into its normal form that was not made here. Its set words may be too few.
  void resume(Configuration& from) const;
  // The configurations one move after `from`, one a call, those most likely to lead to a witness first, each in its
  // one normal form: expired slots cleared, reads that fit done. `cursor` is 0 at first, and is moved on; false when
  // there are no more. REQUIRES: step_of(from) < returns.
  bool next_move(const std::uint64_t* from, std::uint32_t& cursor);
  // The configuration that next_move() led to, and the call that took effect; kNone where none did.
  const std::uint64_t* move() const { return scratch_.data(); }
  std::uint32_t mover() const { return mover_; }

 private:
  bool is_tried(std::uint32_t call, std::uint32_t position, const std::uint64_t* from) const;
  bool try_call(std::uint32_t position, const std::uint64_t* from);
  void pass(const std::uint64_t* from);
  bool hides_more(const Call& what, const std::uint64_t* from) const;
  bool fits_now(const Call& pure, const std::uint64_t* c) const;
  bool leaves_known_lists(const std::uint64_t* from) const;
  bool settle_reads(std::uint64_t* c, std::uint32_t at) const;
  void arrive(std::uint64_t* c) const;
  void normalise_write_step(std::uint64_t* c) const;
  void next_return(std::uint64_t* c) const;
  void leap(std::uint64_t* c) const;
  void finish(bool done);

  const Problem& problem_;
  const Timeline& timeline_;
  Reach reach_;
  std::size_t words_;
  Configuration scratch_;
  std::uint32_t mover_ = 0;
  bool constants_ = false;  // there are constant calls
};

}  // namespace fracas::checker
