#pragma once
#include <cstdint>
#include <vector>

#include "checker/linearizability/configuration.h"
#include "checker/linearizability/timeline.h"

namespace fracas::checker {

// The moves of the just-in-time search: nothing takes effect before some call must return.
//   R1  a pending read that fits the state takes effect at once: it changes nothing, and waiting cannot help it.
//   R2  a write nobody will see is absorbed: placed right before the last write, if it was invoked before that.
//       So no write takes effect only to be overwritten, unless a read or a compare-and-set sees it in between.
//   R3  a call of unknown outcome takes effect only if something is gained by it, and not after its last observer.
// Of several pending calls with the same effect, only the one that must return first is tried: they could swap.
// Source: Lowe, "Testing for linearizability", Concurrency and Computation 29(4), 2017, for just-in-time linearization.
class Expansion {
 public:
  // Borrows both.
  Expansion(const Problem& problem, const Timeline& timeline);

  std::size_t words() const { return 2 + (timeline_.slots + 63) / 64; }
  Configuration start(State state) const;
  // Brings a configuration that arrived at its step into its one normal form: expired slots cleared, new reads done.
  void arrive(Configuration& configuration) const;
  // All configurations one move after `from`, those most likely to lead to a witness first, each arrived at its step.
  // They are appended to `moves` (flat, words() each).
  void expand(const std::uint64_t* from, std::vector<std::uint64_t>& moves);

  static std::uint32_t step(const std::uint64_t* c) { return step_of(c); }

 private:
  bool try_call(std::uint32_t call, const std::uint64_t* from);
  bool leaves_known_lists(const std::uint64_t* from) const;
  bool settle_reads(Configuration& configuration, std::uint32_t begin_step) const;
  void normalise_write_step(Configuration& configuration) const;
  void emit(std::vector<std::uint64_t>& moves, bool next_step);

  const Problem& problem_;
  const Timeline& timeline_;
  Configuration scratch_;
  std::vector<std::uint64_t> tried_;  // by effect: the number of the expansion that tried it last
  std::uint64_t expansion_ = 0;
};

}  // namespace fracas::checker
