#pragma once
#include <cstdint>

#include "agent/effect.h"

namespace fracas::agent {

enum class HelperState : std::uint32_t { starting, ready, failed };

// What the agent and a helper process that acts for it share, whatever the helper does: when it may act, how often, and
// what came of it. `share_per_2_32` and `seed` are written before the helper starts and never again; everything else is
// loaded and stored as one word, from any thread of either process. All times are CLOCK_BOOTTIME nanoseconds.
struct FaultControl {
  std::uint64_t share_per_2_32;  // of what is in scope; 2^32: all
  std::uint64_t seed;

  std::int64_t start_ns;      // acts in [start_ns, end_ns)
  std::int64_t end_ns;        // 0: not armed
  std::int64_t lease_end_ns;  // nothing acts from then on
  std::uint32_t state;        // HelperState
  std::int32_t state_error;   // errno, if it failed

  std::uint64_t drawn;     // choices made so far
  std::uint64_t matched;   // things in scope
  std::uint64_t affected;  // of those, what it acted on
  std::uint64_t bytes;     // of the affected
  std::int64_t first_ns;   // of the first and last affected one; 0: none
  std::int64_t last_ns;
};

// The agent's side. A window may be moved while the helper acts: no moment sees one window's start with another's end.
void set_window(FaultControl& control, const Window& window);
void set_lease_end(FaultControl& control, std::int64_t lease_end_ns);
// Nothing acts any more; the helper ends.
void stop(FaultControl& control);
model::EffectCounters counters_of(const FaultControl& control);
HelperState state_of(const FaultControl& control);

// The helper's side.
void tell(FaultControl& control, HelperState state, int error = 0);
bool acts(const FaultControl& control, std::int64_t now_ns);
// How long it is until the window starts, as far as is known; a long time if it is not armed.
std::int64_t until_start(const FaultControl& control, std::int64_t now_ns);
// Nothing is left to do: stopped, or window or lease over. Before the first window only the lease counts.
bool is_over(const FaultControl& control, std::int64_t now_ns);
struct Draw {
  bool hit = false;
  std::uint64_t random = 0;  // decided it; its lower half may decide more
};
// Counts one thing in scope, and decides by the share whether it is hit. The same choices for the same seed.
Draw draw(FaultControl& control);
void count_matched(FaultControl& control);
void count_affected(FaultControl& control, std::int64_t now_ns, std::uint64_t things = 1, std::uint64_t bytes = 0);

// The n-th number of the stream `seed`. Source: Steele, Lea and Flood, splitmix64.
std::uint64_t random_at(std::uint64_t seed, std::uint64_t n);

}  // namespace fracas::agent
