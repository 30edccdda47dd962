#include "checker/linearizability/depth_first.h"

#include <algorithm>

#include "checker/linearizability/replay.h"

namespace fracas::checker {

DepthFirst::DepthFirst(const Problem& problem, const Timeline& timeline, bool trace)
    : problem_(problem),
      timeline_(timeline),
      expansion_(problem, timeline, Expansion::Reach::many_returns),
      trace_(trace),
      seen_(expansion_.words()) {
  for (const State start : problem.starts) {
    const Configuration configuration = expansion_.start(start);
    const auto [row, fresh] = seen_.insert(configuration.data());
    if (!fresh) continue;
    stack_.push_back(row);
    if (trace_) origins_.push_back({row, start});
  }
}

std::size_t DepthFirst::bytes() const {
  return seen_.bytes() + stack_.capacity() * sizeof(std::uint32_t) + origins_.capacity() * sizeof(Origin);
}

void DepthFirst::push_moves(std::uint32_t from) {
  const std::size_t words = expansion_.words();
  for (std::size_t i = movers_.size(); i-- > 0;) {  // the best move last, to be taken first
    const auto [row, fresh] = seen_.insert(moves_.data() + i * words);
    if (!fresh) continue;
    stack_.push_back(row);
    if (trace_) origins_.push_back({from, movers_[i]});
  }
}

Linearizable DepthFirst::advance(std::uint64_t configurations) {
  const std::size_t words = expansion_.words();
  for (; !stack_.empty(); --configurations) {
    if (configurations == 0) return Linearizable::unknown;
    const std::uint32_t number = stack_.back();
    stack_.pop_back();
    const std::uint64_t* row = seen_.row(number);
    current_.assign(row, row + words);
    const std::uint32_t step = step_of(current_.data());
    furthest_step_ = std::max(furthest_step_, step);
    last_row_ = number;
    if (step == timeline_.returns()) return Linearizable::yes;
    ++explored_;
    moves_.clear();
    movers_.clear();
    expansion_.expand(current_.data(), moves_, movers_);
    push_moves(number);
  }
  return Linearizable::no;
}

std::vector<std::uint32_t> DepthFirst::witness() const {
  std::vector<Move> way;
  std::uint32_t row = last_row_;
  for (; origins_[row].row != row; row = origins_[row].row)
    way.push_back({origins_[row].call, step_of(seen_.row(row))});
  std::reverse(way.begin(), way.end());
  return replay(problem_, timeline_, origins_[row].call, way);
}

}  // namespace fracas::checker
