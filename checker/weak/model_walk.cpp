#include "checker/weak/model_walk.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>

#include "checker/weak/configuration.h"

namespace fracas::checker::weak {
namespace {

class Walk {
 public:
  Walk(const OrderProblem& problem, const Budget& budget)
      : problem_(problem),
        budget_(budget),
        fixed_(problem.processes),
        places_(problem.processes, 0),
        after_(problem.items.size(), 0),
        taken_(problem.items.size()),
        states_(problem.spaces.size(), 0) {
    for (std::uint32_t i = 0; i < problem.items.size(); ++i) {
      const auto& item = problem.items[i];
      after_[i] = static_cast<std::uint32_t>(fixed_[item.process].size());
      if (item.fixed)
        fixed_[item.process].push_back(i);
      else
        loose_.push_back(i);
      left_ += item.fixed ? 1 : 0;
    }
  }

  OrderAnswer run() {
    while (true) {
      take_pure();
      if (left_ == 0) return {Linearizable::yes, order(), explored_};
      if (spent()) return {Linearizable::unknown, {}, explored_};
      Branch branch{steps_.size(), {}};
      if (remember()) branch.next = items_that_may_follow();
      branches_.push_back(std::move(branch));
      if (!advance()) return {Linearizable::no, {}, explored_};
    }
  }

 private:
  struct Step {
    std::uint32_t item = 0;
    State before = 0;
  };
  struct Branch {
    std::size_t steps = 0;
    std::vector<std::uint32_t> next;  // the likeliest last
  };

  std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> items;
    for (const Step& step : steps_) items.push_back(step.item);
    return items;
  }

  bool spent() {
    ++explored_;
    std::size_t bytes = bytes_;
    if (explored_ % 64 == 0)
      for (const StateSpace* space : problem_.spaces) bytes += space->bytes();
    return explored_ > budget_.configurations_per_key || bytes > budget_.bytes_per_key ||
           (explored_ % 1024 == 0 && budget_.give_up && budget_.give_up());
  }

  // How far each process is, the states of all objects, and which items that are not fixed took effect. False: this has
  // been tried before.
  bool remember() {
    Configuration now = places_;
    now.insert(now.end(), states_.begin(), states_.end());
    for (std::size_t i = 0; i < loose_.size(); ++i) {
      if (i % 32 == 0) now.push_back(0);
      if (taken_[loose_[i]]) now.back() |= 1U << (i % 32);
    }
    bytes_ += now.size() * sizeof(std::uint32_t) + 2 * sizeof(Configuration);
    return tried_.insert(std::move(now)).second;
  }

  State step(std::uint32_t item) const {
    const auto& [call, object, process, fixed] = problem_.items[item];
    return problem_.spaces[object]->step(states_[object], call.first);
  }

  void take(std::uint32_t item, State to) {
    const auto& self = problem_.items[item];
    steps_.push_back({item, states_[self.object]});
    states_[self.object] = to;
    taken_[item] = true;
    if (!self.fixed) return;
    ++places_[self.process];
    --left_;
  }

  void take_back() {
    const auto& self = problem_.items[steps_.back().item];
    states_[self.object] = steps_.back().before;
    taken_[steps_.back().item] = false;
    steps_.pop_back();
    if (!self.fixed) return;
    --places_[self.process];
    ++left_;
  }

  // What changes nothing goes first where it fits.
  void take_pure() {
    for (bool more = true; more;) {
      more = false;
      for (std::uint32_t process = 0; process < fixed_.size(); ++process)
        while (places_[process] < fixed_[process].size()) {
          const std::uint32_t item = fixed_[process][places_[process]];
          if (!is_pure(problem_.items[item].call)) break;
          const State to = step(item);
          if (to == kNoState) break;
          take(item, to);
          more = true;
        }
    }
  }

  std::vector<std::uint32_t> items_that_may_follow() const {
    std::vector<std::uint32_t> next;
    for (std::uint32_t process = 0; process < fixed_.size(); ++process)
      if (places_[process] < fixed_[process].size()) next.push_back(fixed_[process][places_[process]]);
    std::sort(next.begin(), next.end(), std::greater<>());
    std::vector<std::uint32_t> loose;
    for (const std::uint32_t item : loose_)
      if (!taken_[item] && places_[problem_.items[item].process] >= after_[item]) loose.push_back(item);
    next.insert(next.begin(), loose.rbegin(), loose.rend());
    std::erase_if(next, [&](std::uint32_t item) {
      const State to = step(item);
      const bool idle = !problem_.items[item].fixed && to == states_[problem_.items[item].object];
      return to == kNoState || idle;
    });
    return next;
  }

  // Goes on with the next item of the last branch that has one. False: none is left.
  bool advance() {
    while (!branches_.empty()) {
      Branch& branch = branches_.back();
      while (steps_.size() > branch.steps) take_back();
      if (branch.next.empty()) {
        branches_.pop_back();
        continue;
      }
      const std::uint32_t item = branch.next.back();
      branch.next.pop_back();
      take(item, step(item));
      return true;
    }
    return false;
  }

  const OrderProblem& problem_;
  const Budget& budget_;
  std::vector<std::vector<std::uint32_t>> fixed_;  // items by process
  std::vector<std::uint32_t> loose_;               // items that are not fixed
  std::vector<std::uint32_t> places_;              // by process: how many of its items took effect
  std::vector<std::uint32_t> after_;               // by item: how many fixed items of its process come before it
  std::vector<bool> taken_;
  std::vector<State> states_;  // by object
  std::vector<Step> steps_;
  std::vector<Branch> branches_;
  boost::unordered_flat_set<Configuration, HashConfiguration> tried_;
  std::size_t left_ = 0, bytes_ = 0;
  std::uint64_t explored_ = 0;
};

}  // namespace

OrderAnswer walk_orders(const OrderProblem& problem, const Budget& budget) {
  return Walk(problem, budget).run();
}

}  // namespace fracas::checker::weak
