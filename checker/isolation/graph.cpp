#include "checker/isolation/graph.h"

#include <algorithm>

namespace fracas::checker::isolation {

void Graph::connect_all(std::span<const std::uint32_t> sources, std::span<const std::uint32_t> targets,
                        Dependency dependency) {
  if (sources.empty() || targets.empty()) return;
  if (sources.size() == 1 || targets.size() == 1 || sources.size() * targets.size() <= 16) {
    for (const std::uint32_t from : sources)
      for (const std::uint32_t to : targets) add(from, to, dependency);
    return;
  }
  // before[i] leads to the targets 0 … i, after[i] to the targets i … end: a source that is target i uses before[i - 1]
  // and after[i + 1].
  const std::size_t count = targets.size();
  std::vector<std::uint32_t> before(count), after(count);
  for (std::size_t i = 0; i < count; ++i) {
    before[i] = auxiliary();
    if (i > 0) add(before[i], before[i - 1], Dependency::pass);
    add(before[i], targets[i], Dependency::pass);
  }
  for (std::size_t i = count; i-- > 0;) {
    after[i] = auxiliary();
    if (i + 1 < count) add(after[i], after[i + 1], Dependency::pass);
    add(after[i], targets[i], Dependency::pass);
  }
  std::vector<std::pair<std::uint32_t, std::size_t>> place(count);
  for (std::size_t i = 0; i < count; ++i) place[i] = {targets[i], i};
  std::sort(place.begin(), place.end());
  for (const std::uint32_t from : sources) {
    const auto own = std::lower_bound(place.begin(), place.end(), std::pair(from, std::size_t{0}));
    if (own == place.end() || own->first != from) {
      add(from, before[count - 1], dependency);
      continue;
    }
    if (own->second > 0) add(from, before[own->second - 1], dependency);
    if (own->second + 1 < count) add(from, after[own->second + 1], dependency);
  }
}

void Graph::finish() {
  begin_.assign(nodes_ + 1, 0);
  for (const Edge& edge : edges_) ++begin_[edge.from + 1];
  for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
  targets_.resize(edges_.size());
  dependencies_.resize(edges_.size());
  LargeVector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
  for (const Edge& edge : edges_) {
    const std::uint32_t at = next[edge.from]++;
    targets_[at] = edge.to;
    dependencies_[at] = edge.dependency;
  }
  LargeVector<Edge>().swap(edges_);
}

void add_session_order(const Transactions& transactions, Graph& graph) {
  std::vector<std::uint32_t> last(transactions.history->processes.size(), kNone);
  for (std::uint32_t t = 0; t < transactions.all.size(); ++t) {
    if (transactions.all[t].outcome == Outcome::fail) continue;
    std::uint32_t& previous = last[transactions.operation(t).process];
    if (previous != kNone) graph.add(previous, t, Dependency::process);
    if (transactions.all[t].outcome == Outcome::ok) previous = t;
  }
}

void add_real_time_order(const Transactions& transactions, Graph& graph) {
  std::vector<std::pair<std::int64_t, std::uint32_t>> returns;
  for (std::uint32_t t = 0; t < transactions.all.size(); ++t)
    if (transactions.all[t].outcome == Outcome::ok) returns.emplace_back(transactions.operation(t).return_ns, t);
  std::sort(returns.begin(), returns.end());
  std::size_t returned = 0;
  std::uint32_t past = kNone;  // stands for everything that returned so far
  for (std::uint32_t t = 0; t < transactions.all.size(); ++t) {
    if (transactions.all[t].outcome == Outcome::fail) continue;
    const std::int64_t invoked = transactions.operation(t).invoke_ns;
    if (returned < returns.size() && returns[returned].first < invoked) {
      const std::uint32_t earlier = past;
      past = graph.auxiliary();
      if (earlier != kNone) graph.add(earlier, past, Dependency::pass);
      for (; returned < returns.size() && returns[returned].first < invoked; ++returned)
        graph.add(returns[returned].second, past, Dependency::realtime);
    }
    if (past != kNone) graph.add(past, t, Dependency::pass);
  }
}

namespace {

class Tarjan {
 public:
  Tarjan(const Graph& graph, DependencyMask mask)
      : graph_(graph), mask_(mask), number_(graph.nodes(), 0), low_(graph.nodes(), 0) {}

  std::vector<std::vector<std::uint32_t>> run() && {
    for (std::uint32_t node = 0; node < graph_.nodes(); ++node)
      if (number_[node] == 0) visit(node);
    return std::move(found_);
  }

 private:
  struct Frame {
    std::uint32_t node, edge;
  };

  void open(std::uint32_t node) {
    number_[node] = low_[node] = ++count_;
    stack_.push_back(node);
    frames_.push_back({node, graph_.begin(node)});
  }

  void visit(std::uint32_t root) {
    open(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::uint32_t node = frame.node;
      if (frame.edge == graph_.end(node)) {
        close(node);
        continue;
      }
      const std::uint32_t edge = frame.edge++;
      if ((mask_of(graph_.dependency(edge)) & mask_) == 0) continue;
      const std::uint32_t target = graph_.target(edge);
      if (number_[target] == 0)
        open(target);
      else if (number_[target] != kClosed)
        low_[node] = std::min(low_[node], number_[target]);
    }
  }

  void close(std::uint32_t node) {
    frames_.pop_back();
    if (!frames_.empty()) low_[frames_.back().node] = std::min(low_[frames_.back().node], low_[node]);
    if (low_[node] != number_[node]) return;
    const bool alone = stack_.back() == node;
    std::vector<std::uint32_t> members;
    for (bool more = true; more;) {
      const std::uint32_t member = stack_.back();
      stack_.pop_back();
      number_[member] = kClosed;
      if (!alone) members.push_back(member);
      more = member != node;
    }
    if (!alone) found_.push_back(std::move(members));
  }

  static constexpr std::uint32_t kClosed = kNone;
  const Graph& graph_;
  DependencyMask mask_;
  std::vector<std::uint32_t> number_, low_, stack_;
  std::vector<Frame> frames_;
  std::vector<std::vector<std::uint32_t>> found_;
  std::uint32_t count_ = 0;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> components(const Graph& graph, DependencyMask mask) {
  return Tarjan(graph, mask).run();
}

}  // namespace fracas::checker::isolation
