#include "checker/isolation/paths.h"

#include <algorithm>
#include <deque>

namespace fracas::checker::isolation {

std::optional<std::vector<EdgeAt>> Paths::find(std::uint32_t from, std::uint32_t to, DependencyMask mask,
                                               std::uint32_t limit) {
  ++round_;
  std::deque<std::pair<std::uint32_t, std::uint32_t>> open{{from, 0}};  // node, steps
  const std::uint32_t open_mark = 2 * round_, done_mark = open_mark + 1;
  seen_[from] = open_mark;
  while (!open.empty()) {
    const auto [node, steps] = open.front();
    open.pop_front();
    if (node == to) return trace(from, to);
    if (seen_[node] == done_mark) continue;
    seen_[node] = done_mark;
    for (std::uint32_t edge = graph_.begin(node); edge < graph_.end(node); ++edge) {
      ++visited_;
      if ((mask_of(graph_.dependency(edge)) & mask) == 0) continue;
      const std::uint32_t target = graph_.target(edge);
      const bool free = graph_.dependency(edge) == Dependency::pass;
      // A node that waits with more steps may still be reached for nothing.
      if (seen_[target] == done_mark || (seen_[target] == open_mark && !free)) continue;
      if (!free && steps + 1 >= limit) continue;
      if (target != from) {
        seen_[target] = open_mark;
        reached_by_[target] = {node, edge};
      }
      if (free)
        open.emplace_front(target, steps);
      else
        open.emplace_back(target, steps + 1);
    }
  }
  return std::nullopt;
}

std::vector<EdgeAt> Paths::trace(std::uint32_t from, std::uint32_t to) const {
  std::vector<EdgeAt> path;
  for (std::uint32_t node = to; node != from; node = reached_by_[node].from) path.push_back(reached_by_[node]);
  std::reverse(path.begin(), path.end());
  return path;
}

namespace {

// Empty when the edges of `mask` are cyclic.
std::vector<std::uint32_t> topological(const Graph& graph, DependencyMask mask) {
  std::vector<std::uint32_t> missing(graph.nodes(), 0), order;
  const auto each = [&](std::uint32_t node, const auto& use) {
    for (std::uint32_t edge = graph.begin(node); edge < graph.end(node); ++edge)
      if ((mask_of(graph.dependency(edge)) & mask) != 0) use(graph.target(edge));
  };
  for (std::uint32_t node = 0; node < graph.nodes(); ++node)
    each(node, [&](std::uint32_t target) { ++missing[target]; });
  for (std::uint32_t node = 0; node < graph.nodes(); ++node)
    if (missing[node] == 0) order.push_back(node);
  for (std::size_t i = 0; i < order.size(); ++i)
    each(order[i], [&](std::uint32_t target) {
      if (--missing[target] == 0) order.push_back(target);
    });
  if (order.size() != graph.nodes()) order.clear();
  return order;
}

}  // namespace

Reached any_returns(const Graph& graph, const std::vector<EdgeAt>& candidates, DependencyMask mask,
                    std::uint64_t budget, EdgeAt& found) {
  const auto order = topological(graph, mask);
  if (order.empty()) return Reached::unknown;
  std::vector<std::uint64_t> marks(graph.nodes());
  std::uint64_t visited = 0;
  for (std::size_t first = 0; first < candidates.size(); first += 64) {
    visited += graph.edges();
    if (visited > budget) return Reached::unknown;
    std::fill(marks.begin(), marks.end(), 0);
    const std::size_t end = std::min(candidates.size(), first + 64);
    for (std::size_t i = first; i < end; ++i)
      marks[graph.target(candidates[i].edge)] |= std::uint64_t{1} << (i - first);
    for (const std::uint32_t node : order) {
      if (marks[node] == 0) continue;
      for (std::uint32_t edge = graph.begin(node); edge < graph.end(node); ++edge)
        if ((mask_of(graph.dependency(edge)) & mask) != 0) marks[graph.target(edge)] |= marks[node];
    }
    for (std::size_t i = first; i < end; ++i) {
      if ((marks[candidates[i].from] >> (i - first) & 1U) == 0) continue;
      found = candidates[i];
      return Reached::yes;
    }
  }
  return Reached::no;
}

}  // namespace fracas::checker::isolation
