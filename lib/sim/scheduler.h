#pragma once
#include <cstdint>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/sim/inline_function.h"

namespace fracas::sim {

// Virtual time and what is to happen in it. Time stands still while an action runs and leaps to the next action when it
// is done, so a simulated minute takes as long as its actions do. Actions of one moment run in the order in which they
// were asked for: equal programs see equal worlds. Thread: one.
class Scheduler {
 public:
  using Action = InlineFunction<void(), 200>;

  // Since the world's beginning.
  Duration now() const { return now_; }

  // A moment that is over counts as now.
  void at(Duration moment, Action action);
  void after(Duration delay, Action action) { at(now_ + delay, std::move(action)); }

  // Runs everything due up to and including `moment`, which is then the present.
  void run_until(Duration moment);
  // Runs the next action, if it is due by `latest`. False: nothing was, and time stays.
  bool step(Duration latest);

  std::uint64_t actions() const { return sequence_done_; }

 private:
  struct Due {
    Duration moment{};
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;
  };
  static bool later(const Due& a, const Due& b);

  Duration now_{};
  std::uint64_t sequence_ = 0;
  std::uint64_t sequence_done_ = 0;
  std::vector<Due> heap_;
  std::vector<Action> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace fracas::sim
