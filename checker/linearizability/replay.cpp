#include "checker/linearizability/replay.h"

#include <iterator>
#include <list>

#include "lib/base/ensure.h"

namespace fracas::checker {
namespace {

class Replay {
 public:
  Replay(const Problem& problem, const Timeline& timeline, State start)
      : problem_(problem), timeline_(timeline), state_(start), done_(problem.calls.size(), false) {
    arrive();
    while (step_ < timeline_.returns() && done_[timeline_.steps[step_].target]) pass();
  }

  void go(const Move& move) {
    const auto& here = timeline_.steps[step_];
    if (move.call != kNone) {
      take(move.call);
      for (std::size_t i = here.pending; i < here.optional; ++i) take_if_pure(timeline_.pending[i]);
    } else if (!done_[here.target] && problem_.calls[here.target].required) {
      order_.insert(last_constant_, here.target);
      done_[here.target] = true;
    }
    while (step_ < move.to_step) pass();
  }

  std::vector<std::uint32_t> order() const { return {order_.begin(), order_.end()}; }

 private:
  void pass() {
    ++step_;
    arrive();
  }

  void arrive() {
    if (step_ >= timeline_.returns()) return;
    for (std::size_t i = timeline_.steps[step_].fresh; i < timeline_.steps[step_ + 1].fresh; ++i)
      take_if_pure(timeline_.fresh[i]);
  }

  void take_if_pure(std::uint32_t index) {
    const Call& call = problem_.calls[index];
    if (!done_[index] && is_pure(call) && problem_.step(call, state_)) take(index);
  }

  void take(std::uint32_t index) {
    const auto to = problem_.step(problem_.calls[index], state_);
    ensure(to.has_value(), "a move of the search can be replayed");
    state_ = *to;
    done_[index] = true;
    order_.push_back(index);
    if (is_constant(problem_.calls[index])) last_constant_ = std::prev(order_.end());
  }

  const Problem& problem_;
  const Timeline& timeline_;
  State state_;
  std::uint32_t step_ = 0;
  std::vector<bool> done_;
  std::list<std::uint32_t> order_;
  std::list<std::uint32_t>::iterator last_constant_ = order_.end();
};

}  // namespace

std::vector<std::uint32_t> replay(const Problem& problem, const Timeline& timeline, State start,
                                  std::span<const Move> way) {
  Replay replay(problem, timeline, start);
  for (const Move& move : way) replay.go(move);
  return replay.order();
}

}  // namespace fracas::checker
