#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "checker/isolation/graph.h"

namespace fracas::checker::isolation {

// An edge of a graph by its number, with the node it leaves.
struct EdgeAt {
  std::uint32_t from = 0, edge = 0;
};

// Shortest paths, one after another, in one graph. `pass` edges cost nothing.
class Paths {
 public:
  explicit Paths(const Graph& graph) : graph_(graph), seen_(graph.nodes(), 0), reached_by_(graph.nodes()) {}

  // The edges from `from` to `to` over the edges of `mask`, fewer than `limit` steps long; nothing if there are none.
  std::optional<std::vector<EdgeAt>> find(std::uint32_t from, std::uint32_t to, DependencyMask mask,
                                          std::uint32_t limit);
  std::uint64_t visited() const { return visited_; }  // edges, over all searches

 private:
  std::vector<EdgeAt> trace(std::uint32_t from, std::uint32_t to) const;

  const Graph& graph_;
  std::vector<std::uint32_t> seen_;
  std::vector<EdgeAt> reached_by_;
  std::uint32_t round_ = 0;
  std::uint64_t visited_ = 0;
};

enum class Reached : std::uint8_t { yes, no, unknown };

// Is there an edge of `candidates` from whose target its source is reached over `mask`? Decides 64 at a time; `found`
// gets the first. Unknown when the edges of `mask` are cyclic or `budget` edges were visited.
Reached any_returns(const Graph& graph, const std::vector<EdgeAt>& candidates, DependencyMask mask,
                    std::uint64_t budget, EdgeAt& found);

}  // namespace fracas::checker::isolation
