#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/isolation/cycles.h"
#include "checker/isolation/observations.h"

// What transactions may see of each other at the levels up to causal consistency: whoever sees T2 and reads a key that
// T2 wrote from T1 saw them in that order, so T2 comes before T1. Such orders, with those of reads and of sessions,
// must have no cycle; then there is an order of all transactions that explains what everybody saw, and else there is
// none. Source: Biswas and Enea, "On the Complexity of Checking Transactional Consistency" (2019), section 3 and
// theorem 4.
namespace fracas::checker::isolation {

// What seeing T2 means.
enum class View : std::uint8_t {
  monotonic,  // an earlier step of the same transaction read from T2
  atomic,     // any step of it did; with sessions, or T2 came before it in its session
  causal,     // reads and sessions lead from T2 to it; has sessions always
};

struct ViewQuestion {
  View view = View::monotonic;
  bool sessions = false;  // the transactions of one process are in their order
};

// T2 comes before T1 because `reader` saw T2 and read `key`, which both wrote, from T1.
struct Inferred {
  std::uint32_t before = 0, after = kNone;  // after = kNone: the initial value, which nothing comes before
  std::uint32_t reader = 0, key = 0;
};

struct ViewAnswer {
  bool broken = false;
  bool undecided = false;          // causal only: the clocks needed more memory than allowed
  std::vector<CycleStep> cycle;    // a short one; empty if `inferred` has one without `after`
  std::vector<Inferred> inferred;  // that the cycle needs, in its order; or the one without `after`
};

// `versions`: a finished graph whose ww edges are known orders besides; may be null. `bytes`: that clocks may use.
// Time: about n^1.5 in all steps for the first two, n times the number of processes for `causal`.
ViewAnswer judge_view(const Observations& observations, const Graph* versions, const ViewQuestion& question,
                      std::size_t bytes);

}  // namespace fracas::checker::isolation
