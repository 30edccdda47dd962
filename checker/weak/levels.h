#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "checker/linearizability/finding.h"

// The levels of consistency of registers from the guarantees of one session up to linearizability, and which of them
// say more than which.
namespace fracas::checker::weak {

// In an order in which each comes after all that it implies. Sources: the guarantees, see guarantees.h; PRAM: Lipton
// and Sandberg (1988); the causal ones: Bouajjani et al. (2017), which calls them CC, CCv and CM; sequential: Lamport
// (1979).
enum class Level : std::uint8_t {
  read_your_writes,
  monotonic_reads,
  monotonic_writes,
  writes_follow_reads,
  pram,                // each process sees the writes in some order that keeps every process's own
  weak_causal,         // CC: no read misses a write that it follows from, or sees one that such a write replaced
  causal_convergence,  // CCv: and all agree on the order of writes that do not follow from each other
  causal_memory,       // CM: each process sees the writes in some order that keeps what follows from what
  sequential,          // one order of everything that keeps every process's own
  linearizable,        // and real time
};
inline constexpr std::size_t kLevels = 10;

std::string_view name(Level level);
// "causal" is causal_convergence, as it is for transactions. Nothing: not one of these.
std::optional<Level> level_of(std::string_view name);
// Does `strong` say all that `weak` does? Every level implies itself.
bool implies(Level strong, Level weak);

// What is known of each level.
using Answers = std::array<std::optional<Linearizable>, kLevels>;

// Writes down an answer for a level and what follows for the others: a level that holds makes all weaker ones hold.
void learn(Answers& answers, Level level, Linearizable answer);

struct LevelNames {
  std::vector<std::string_view> holds;  // the strongest that hold
  std::vector<std::string_view> fails;  // the weakest that fail
  std::vector<std::string_view> open;   // undecided, and neither implied nor ruled out
};
LevelNames summarise(const Answers& answers);

}  // namespace fracas::checker::weak
