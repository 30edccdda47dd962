#pragma once
#include <cstdint>
#include <vector>

#include "checker/linearizability/configuration.h"
#include "checker/linearizability/timeline.h"

namespace fracas::checker {

// The moves of the just-in-time search for any sequential model (CallKind::step). Configurations are those of
// configuration.h with write_step and chained always 0.
//   R1  a pending pure call that fits the state takes effect at once: it changes nothing, and waiting cannot help it.
//   R3  a call of unknown outcome takes effect only if it changes the state.
// Of several pending calls with the same effect, only the one that must return first is tried.
class ModelExpansion {
 public:
  // Borrows both. REQUIRES: problem.space.
  ModelExpansion(const Problem& problem, const Timeline& timeline);

  std::size_t words() const { return 2 + (timeline_.slots + 63) / 64; }
  Configuration start(State state) const;
  // As in Expansion.
  void expand(const std::uint64_t* from, std::vector<std::uint64_t>& moves);

  static std::uint32_t step(const std::uint64_t* c) { return step_of(c); }

 private:
  void arrive(Configuration& configuration) const;
  void settle(Configuration& configuration, std::uint32_t at) const;
  void emit(std::vector<std::uint64_t>& moves, bool next_step);

  const Problem& problem_;
  const Timeline& timeline_;
  Configuration scratch_;
  std::vector<std::uint64_t> tried_;  // by effect: the number of the expansion that tried it last
  std::uint64_t expansion_ = 0;
};

}  // namespace fracas::checker
