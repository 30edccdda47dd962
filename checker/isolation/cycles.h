#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "checker/isolation/graph.h"

// Finds cycles among dependencies and classifies them. Source: Adya, "Weak Consistency" (1999), chapters 3 and 4; for
// G-nonadjacent Cerone and Gotsman, "Analysing Snapshot Isolation" (2016), theorem 10; for G-prefix Cerone, Gotsman and
// Yang, "Algebraic Laws for Weak Consistency" (2017), table 2.
namespace fracas::checker::isolation {

enum class CycleKind : std::uint8_t {
  g0,             // ww alone
  g1c,            // ww and wr
  g_single,       // exactly one rw
  g_prefix,       // rw only right after a wr (or an order that is asked for), never after a ww or an rw
  g_nonadjacent,  // several rw, no two of them next to each other
  g2,             // any number of rw
};
inline constexpr std::size_t kCycleKinds = 6;

// Which orders besides the data's own dependencies a cycle needs.
enum class Order : std::uint8_t { none, process, realtime };
inline constexpr std::size_t kOrders = 3;

struct CycleStep {
  std::uint32_t transaction = 0;
  Dependency dependency = Dependency::ww;  // to the next step's transaction, from the last step to the first
};

struct Cycle {
  CycleKind kind = CycleKind::g0;
  Order order = Order::none;
  std::vector<CycleStep> steps;  // from the transaction that was invoked first
};

struct CycleSearch {
  std::vector<Cycle> cycles;  // a few of each kind and order, the shortest that were found
  // How many components hold such a cycle. A component counts a kind once, for the first order that shows it.
  std::array<std::array<std::uint64_t, kOrders>, kCycleKinds> components{};
  // Components where the search for a cycle with exactly one rw ran out of its budget; all other kinds are decided.
  std::uint64_t g_single_undecided = 0;
};

CycleSearch find_cycles(const Graph& graph);

// A short cycle over the edges of `mask`, from the transaction that was invoked first; empty if there is none.
std::vector<CycleStep> find_cycle(const Graph& graph, DependencyMask mask);

}  // namespace fracas::checker::isolation
