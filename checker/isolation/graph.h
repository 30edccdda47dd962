#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "checker/isolation/transactions.h"

// Who must come before whom: a graph over transactions in compressed rows.
namespace fracas::checker::isolation {

// Why an edge is there. `inferred` comes from what others saw (checker/isolation/views.h). `pass` leads out of an
// auxiliary node, which stands for many edges, and is no step of its own.
enum class Dependency : std::uint8_t { ww, wr, rw, process, realtime, inferred, pass };

// A set of dependencies; `pass` is in every one.
using DependencyMask = std::uint8_t;
constexpr DependencyMask mask_of(Dependency dependency) {
  return static_cast<DependencyMask>(1U << static_cast<unsigned>(dependency));
}
inline constexpr DependencyMask kPass = mask_of(Dependency::pass);
inline constexpr DependencyMask kWrites = kPass | mask_of(Dependency::ww);
inline constexpr DependencyMask kReads = kWrites | mask_of(Dependency::wr);
inline constexpr DependencyMask kAllData = kReads | mask_of(Dependency::rw);

struct Edge {
  std::uint32_t from = 0, to = 0;
  Dependency dependency = Dependency::ww;
};

// Nodes 0 … transactions-1 are transactions; the rest are auxiliary.
class Graph {
 public:
  explicit Graph(std::uint32_t transactions) : transactions_(transactions), nodes_(transactions) {}

  void add(std::uint32_t from, std::uint32_t to, Dependency dependency) {
    if (from != to) edges_.push_back({from, to, dependency});
  }
  std::uint32_t auxiliary() { return nodes_++; }
  // Has any edge been added? REQUIRES: before finish().
  bool any() const { return !edges_.empty(); }
  // An edge from each source to each target but itself; few edges and some auxiliary nodes where that would be many.
  // REQUIRES: no transaction twice among the targets.
  void connect_all(std::span<const std::uint32_t> sources, std::span<const std::uint32_t> targets,
                   Dependency dependency);
  // Ends the adding.
  void finish();

  std::uint32_t nodes() const { return nodes_; }
  std::uint32_t transactions() const { return transactions_; }
  std::size_t edges() const { return targets_.size(); }
  std::uint32_t begin(std::uint32_t node) const { return begin_[node]; }
  std::uint32_t end(std::uint32_t node) const { return begin_[node + 1]; }
  std::uint32_t target(std::uint32_t edge) const { return targets_[edge]; }
  Dependency dependency(std::uint32_t edge) const { return dependencies_[edge]; }

 private:
  std::uint32_t transactions_ = 0, nodes_ = 0;
  LargeVector<Edge> edges_;  // until finish()
  LargeVector<std::uint32_t> begin_, targets_;
  LargeVector<Dependency> dependencies_;
};

// The order of each process, and the order of time: A before B when A returned before B was invoked. Both in a number
// of edges linear in the transactions: time runs along a chain of auxiliary nodes.
void add_session_order(const Transactions& transactions, Graph& graph);
void add_real_time_order(const Transactions& transactions, Graph& graph);

// The strongly connected components of more than one node, over the edges of `mask`. Source: Tarjan 1972, without
// recursion.
std::vector<std::vector<std::uint32_t>> components(const Graph& graph, DependencyMask mask);

}  // namespace fracas::checker::isolation
