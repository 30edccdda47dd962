#pragma once
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/sim/inline_function.h"

namespace fracas::sim {

// Virtual time and what is to happen in it. Time stands still while an action runs and leaps to the next action when it
// is done, so a simulated minute takes as long as its actions do. Actions of one moment run in the order in which they
// were asked for: equal programs see equal worlds. Thread: one.
class Scheduler {
 public:
  // Since the world's beginning.
  Duration now() const { return now_; }

  // A moment that is over counts as now. The action is built where it will run: most of them are moved nowhere.
  template <typename Callable>
  void at(Duration moment, Callable&& action) {
    slots_[take_slot(moment)].emplace(std::forward<Callable>(action));
  }
  template <typename Callable>
  void after(Duration delay, Callable&& action) {
    at(now_ + delay, std::forward<Callable>(action));
  }

  // Runs everything due up to and including `moment`, which is then the present.
  void run_until(Duration moment);
  // Runs the next action, if it is due by `latest`. False: nothing was, and time stays.
  bool step(Duration latest);

  std::uint64_t actions() const { return sequence_done_; }

 private:
  using Action = InlineFunction<void(), 200>;
  struct Due {
    Duration moment{};
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;
  };
  static bool sooner(const Due& a, const Due& b) {
    return a.moment != b.moment ? a.moment < b.moment : a.sequence < b.sequence;
  }
  void push(const Due& due);
  void pop();
  // A place for an action that is due then.
  std::uint32_t take_slot(Duration moment);

  Duration now_{};
  std::uint64_t sequence_ = 0;
  std::uint64_t sequence_done_ = 0;
  std::vector<Due> heap_;     // each sooner than the four that follow from it: half as deep as one of two
  std::deque<Action> slots_;  // which stay where they are: one of them may be running
  std::vector<std::uint32_t> free_;
};

}  // namespace fracas::sim
