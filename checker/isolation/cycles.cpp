#include "checker/isolation/cycles.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "checker/isolation/paths.h"

namespace fracas::checker::isolation {
namespace {

constexpr std::size_t kShownOfEach = 4;
constexpr std::uint64_t kShortestBudget = 2'000'000;   // edges visited for a shorter cycle, once there is one
constexpr std::uint64_t kReturnsBudget = 400'000'000;  // edges visited before a question of reachability is given up
constexpr std::uint32_t kAnyLength = std::numeric_limits<std::uint32_t>::max();

constexpr DependencyMask mask_of(Order order) {
  DependencyMask mask = 0;
  if (order != Order::none) mask |= mask_of(Dependency::process);
  if (order == Order::realtime) mask |= mask_of(Dependency::realtime);
  return mask;
}

// One component as a graph of its own; in the order of the whole graph's numbers, so transactions come first.
struct Part {
  Graph graph;
  std::vector<std::uint32_t> nodes;  // in the whole graph
};

Part part_of(const Graph& whole, std::vector<std::uint32_t> nodes) {
  std::sort(nodes.begin(), nodes.end());
  const auto transactions = std::lower_bound(nodes.begin(), nodes.end(), whole.transactions()) - nodes.begin();
  Part part{Graph(static_cast<std::uint32_t>(transactions)), std::move(nodes)};
  for (auto i = static_cast<std::size_t>(transactions); i < part.nodes.size(); ++i) part.graph.auxiliary();
  for (std::uint32_t from = 0; from < part.nodes.size(); ++from)
    for (std::uint32_t edge = whole.begin(part.nodes[from]); edge < whole.end(part.nodes[from]); ++edge) {
      const auto to = std::lower_bound(part.nodes.begin(), part.nodes.end(), whole.target(edge));
      if (to != part.nodes.end() && *to == whole.target(edge))
        part.graph.add(from, static_cast<std::uint32_t>(to - part.nodes.begin()), whole.dependency(edge));
    }
  part.graph.finish();
  return part;
}

// Every node twice: 2n + 1 was reached by a step that no rw may follow, 2n by any other. Its closed walks are those
// without an rw after one of `before_none`.
Graph doubled(const Graph& graph, DependencyMask mask, DependencyMask before_none) {
  Graph twice(2 * graph.nodes());
  for (std::uint32_t node = 0; node < graph.nodes(); ++node)
    for (std::uint32_t edge = graph.begin(node); edge < graph.end(node); ++edge) {
      const Dependency dependency = graph.dependency(edge);
      if ((mask_of(dependency) & mask) == 0) continue;
      const bool pass = dependency == Dependency::pass;
      const std::uint32_t to = 2 * graph.target(edge);
      const std::uint32_t next = !pass && (mask_of(dependency) & before_none) != 0 ? to + 1 : to;
      twice.add(2 * node, next, dependency);
      if (dependency != Dependency::rw) twice.add(2 * node + 1, pass ? to + 1 : next, dependency);
    }
  twice.finish();
  return twice;
}

// What to look for: cycles over `mask` that hold an edge `through`, the rest of them over `rest`.
struct Wanted {
  DependencyMask mask = 0;
  Dependency through = Dependency::ww;
  DependencyMask rest = 0;
};

std::uint32_t length(const Graph& graph, const std::vector<EdgeAt>& path) {
  return static_cast<std::uint32_t>(std::count_if(
      path.begin(), path.end(), [&](const EdgeAt& at) { return graph.dependency(at.edge) != Dependency::pass; }));
}

// The shortest cycle through one of `edges`, the rest of it over `rest`; not always the shortest where the budget ends.
std::vector<CycleStep> shortest(const Graph& graph, const std::vector<EdgeAt>& edges, DependencyMask rest) {
  std::vector<CycleStep> best;
  std::uint32_t limit = kAnyLength;
  Paths paths(graph);
  for (const EdgeAt& edge : edges) {
    if (paths.visited() > kShortestBudget || limit <= 1) break;
    auto path = paths.find(graph.target(edge.edge), edge.from, rest, limit);
    if (!path) continue;
    limit = length(graph, *path);
    path->insert(path->begin(), edge);
    best.clear();
    for (const EdgeAt& at : *path) best.push_back({at.from, graph.dependency(at.edge)});
  }
  return best;
}

// In nodes of the whole graph, from its first transaction on. `copies`: how many nodes of the searched graph stand for
// one of the part's.
std::vector<CycleStep> translate(const Part& part, const std::vector<CycleStep>& steps, std::uint32_t copies) {
  std::vector<CycleStep> cycle;
  for (const CycleStep& step : steps)
    if (const std::uint32_t node = step.transaction / copies; node < part.graph.transactions())
      cycle.push_back({part.nodes[node], step.dependency});
  const auto first = std::min_element(
      cycle.begin(), cycle.end(), [](const CycleStep& a, const CycleStep& b) { return a.transaction < b.transaction; });
  std::rotate(cycle.begin(), first, cycle.end());
  return cycle;
}

class PartSearch {
 public:
  PartSearch(const Graph& whole, std::vector<std::uint32_t> nodes, CycleSearch& result)
      : part_(part_of(whole, std::move(nodes))), result_(result) {}

  void run() {
    for (const Order order : {Order::none, Order::process, Order::realtime}) look(order);
  }

 private:
  void look(Order order) {
    const DependencyMask extra = mask_of(order);
    const auto mask = [&](DependencyMask data) { return static_cast<DependencyMask>(data | extra); };
    const Graph& graph = part_.graph;
    if (!has(CycleKind::g0))
      record(CycleKind::g0, order, search(graph, {mask(kWrites), Dependency::ww, mask(kWrites)}));
    if (!has(CycleKind::g1c))
      record(CycleKind::g1c, order, search(graph, {mask(kReads), Dependency::wr, mask(kReads)}));
    if (!has(CycleKind::g_single)) look_for_single(order, {mask(kAllData), Dependency::rw, mask(kReads)});
    if (!has(CycleKind::g_prefix))
      look_in_doubled(CycleKind::g_prefix, order, mask_of(Dependency::ww) | mask_of(Dependency::rw));
    if (!has(CycleKind::g_single) && !has(CycleKind::g_nonadjacent))
      look_in_doubled(CycleKind::g_nonadjacent, order, mask_of(Dependency::rw));
    if (!has(CycleKind::g2) && !has_si())
      record(CycleKind::g2, order, search(graph, {mask(kAllData), Dependency::rw, mask(kAllData)}));
  }

  void look_in_doubled(CycleKind kind, Order order, DependencyMask before_none) {
    const auto mask = static_cast<DependencyMask>(kAllData | mask_of(order));
    const Graph twice = doubled(part_.graph, mask, before_none);
    record(kind, order, search(twice, {mask, Dependency::rw, mask}), 2);
  }

  bool has(CycleKind kind) const { return found_[static_cast<std::size_t>(kind)]; }
  bool has_si() const { return has(CycleKind::g_single) || has(CycleKind::g_nonadjacent); }

  // The edges `through` that lie on a cycle over the mask.
  static std::vector<EdgeAt> candidates(const Graph& graph, const Wanted& wanted) {
    std::vector<EdgeAt> edges;
    std::vector<std::uint32_t> component(graph.nodes(), kNone);
    const auto found = components(graph, wanted.mask);
    for (std::uint32_t i = 0; i < found.size(); ++i)
      for (const std::uint32_t node : found[i]) component[node] = i;
    for (const auto& nodes : found)
      for (const std::uint32_t node : nodes)
        for (std::uint32_t edge = graph.begin(node); edge < graph.end(node); ++edge)
          if (graph.dependency(edge) == wanted.through && component[graph.target(edge)] == component[node])
            edges.push_back({node, edge});
    return edges;
  }

  // A short cycle, in nodes of `graph`. Every candidate lies on one, so it is empty only without a candidate.
  static std::vector<CycleStep> search(const Graph& graph, const Wanted& wanted) {
    return shortest(graph, candidates(graph, wanted), wanted.rest);
  }

  void look_for_single(Order order, const Wanted& wanted) {
    const Graph& graph = part_.graph;
    const auto edges = candidates(graph, wanted);
    if (edges.empty()) return;
    auto cycle = shortest(graph, edges, wanted.rest);
    EdgeAt found;
    if (cycle.empty() && edges.size() * graph.edges() > kShortestBudget) {
      const Reached reached = any_returns(graph, edges, wanted.rest, kReturnsBudget, found);
      if (reached == Reached::yes) cycle = shortest(graph, {found}, wanted.rest);
      if (reached == Reached::unknown) ++result_.g_single_undecided;
    }
    record(CycleKind::g_single, order, cycle);
  }

  void record(CycleKind kind, Order order, const std::vector<CycleStep>& steps, std::uint32_t copies = 1) {
    if (steps.empty()) return;
    found_[static_cast<std::size_t>(kind)] = true;
    auto& count = result_.components[static_cast<std::size_t>(kind)][static_cast<std::size_t>(order)];
    if (++count > kShownOfEach) return;
    result_.cycles.push_back({kind, order, translate(part_, steps, copies)});
  }

  Part part_;
  CycleSearch& result_;
  std::array<bool, kCycleKinds> found_{};
};

}  // namespace

CycleSearch find_cycles(const Graph& graph) {
  CycleSearch result;
  const auto all = static_cast<DependencyMask>(kAllData | mask_of(Order::realtime));
  for (auto& nodes : components(graph, all)) PartSearch(graph, std::move(nodes), result).run();
  return result;
}

std::vector<CycleStep> find_cycle(const Graph& graph, DependencyMask mask) {
  auto found = components(graph, mask);
  if (found.empty()) return {};
  const auto smallest =
      std::min_element(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  const Part part = part_of(graph, std::move(*smallest));
  std::vector<EdgeAt> edges;
  for (std::uint32_t node = 0; node < part.graph.nodes(); ++node)
    for (std::uint32_t edge = part.graph.begin(node); edge < part.graph.end(node); ++edge)
      if ((mask_of(part.graph.dependency(edge)) & mask) != 0) edges.push_back({node, edge});
  return translate(part, shortest(part.graph, edges, mask), 1);
}

}  // namespace fracas::checker::isolation
