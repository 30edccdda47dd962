#include "checker/linearizability/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>

#include "checker/linearizability/breadth_first.h"
#include "checker/linearizability/depth_first.h"
#include "checker/linearizability/excerpt.h"

namespace fracas::checker {
namespace {

constexpr std::string_view kTimeIsUp = "the time is up";
constexpr std::uint64_t kFirstSlice = 512;  // configurations; doubled each turn
constexpr std::uint64_t kGlance = 1024;     // configurations between two looks at the budget
constexpr std::uint32_t kFirstWindow = 16;  // returns; doubled each turn
constexpr std::uint64_t kStep = 4;          // a search that passes a return in so many configurations is doing well

Finding unknown(std::string reason, std::uint64_t explored) {
  Finding finding;
  finding.linearizable = Linearizable::unknown;
  finding.reason = std::move(reason);
  finding.explored = explored;
  return finding;
}

// The searches in turns. As long as the depth-first one gets on it has the word alone; where it is stuck, what lies
// just before that place is tried by itself, from every state: most violations are refuted by a few operations, however
// long the history before them.
class Race {
 public:
  Race(const Problem& problem, const Timeline& timeline, const Budget& budget)
      : problem_(problem), timeline_(timeline), budget_(budget), depth_(problem, timeline) {}

  Finding run() {
    for (std::uint64_t slice = kFirstSlice;; slice *= 2) {
      // Either may use half of the memory; one that has used it up leaves the rest of the budget to the other.
      const bool depth_fits = depth_.bytes_soon() < half();
      const bool breadth_fits = !breadth_ || breadth_->bytes_soon() < half();
      if (!depth_fits && !breadth_fits)
        return give_up(fmt::format("the memory budget of {} MiB is used up", budget_.bytes_per_key >> 20U));
      const bool both = breadth_ && depth_fits && breadth_fits && two_at_once();
      if (both ? turn_both(slice) : (depth_fits && go_deep(slice)) || try_window(slice)) return finding_;
      if (!breadth_) breadth_.emplace(problem_, timeline_);
      if (!both && breadth_fits && turn(*breadth_, slice)) {
        if (budget_.witness && finding_.linearizable == Linearizable::yes) find_witness();
        return finding_;
      }
      if (over()) return give_up(over_);
    }
  }

 private:
  // What both searches need: the timeline, and the model's states.
  std::size_t common_bytes() const {
    return timeline_.bytes() + (problem_.space != nullptr ? problem_.space->bytes() : 0);
  }
  // Bytes for each search.
  std::size_t half() const {
    const std::size_t common = common_bytes();
    return common < budget_.bytes_per_key ? (budget_.bytes_per_key - common) / 2 : 0;
  }
  std::size_t bytes() const { return common_bytes() + depth_.bytes() + in_breadth_.bytes; }

  std::uint64_t explored() const { return depth_.explored() + in_breadth_.explored + in_windows_; }

  // What the breadth-first search is known to have done; it may be at work on another thread.
  struct Progress {
    std::uint64_t explored = 0;
    std::size_t bytes = 0;
    std::uint32_t passed = 0;
  };
  void look_at_breadth() { in_breadth_ = {breadth_->explored(), breadth_->bytes(), breadth_->furthest_step()}; }

  bool over() {
    if (over_.empty() && explored() >= budget_.configurations_per_key)
      over_ = fmt::format("the budget of {} configurations is used up", budget_.configurations_per_key);
    if (over_.empty() && budget_.give_up && budget_.give_up()) over_ = kTimeIsUp;
    return !over_.empty();
  }

  Finding give_up(const std::string& reason) const {
    const std::uint32_t passed = std::max(depth_.furthest_step(), in_breadth_.passed);
    Finding finding = unknown(
        fmt::format("{}; there is an order for the first {} of {} answers", reason, passed, timeline_.returns()),
        explored());
    finding.bytes = bytes();
    return finding;
  }

  bool go_deep(std::uint64_t slice) {
    for (;;) {
      const std::uint32_t before = depth_.furthest_step();
      if (turn(depth_, slice)) return true;
      if (answered_ || !over_.empty() || depth_.bytes_soon() >= half() ||
          (depth_.furthest_step() - before) * kStep < slice)
        return false;
    }
  }

  template <typename Search>
  bool turn(Search& search, std::uint64_t slice) {
    for (std::uint64_t done = 0; done < slice && search.bytes_soon() < half() && !answered_ && !over();
         done += kGlance) {
      const std::uint64_t left = std::min(budget_.configurations_per_key - explored(), slice - done);
      const Linearizable answer = search.advance(std::min(left, kGlance), half());
      if constexpr (std::is_same_v<Search, BreadthFirst>) look_at_breadth();
      if (answer != Linearizable::unknown) return accept(search, answer);
    }
    return false;
  }

  template <typename Search>
  bool accept(const Search& search, Linearizable answer) {
    finding_.linearizable = answer;
    finding_.explored = explored();
    if (answer == Linearizable::no) finding_.failed_at_ns = return_of(search.furthest_step());
    if constexpr (std::is_same_v<Search, DepthFirst>)
      if (answer == Linearizable::yes && budget_.witness) finding_.witness = search.witness();
    return true;
  }

  // The states of a sequential model are numbered as they are met, by one thread.
  bool two_at_once() const { return budget_.threads_per_key > 1 && problem_.space == nullptr && !budget_.witness; }

  // The depth-first search and its windows here, the breadth-first one beside them. Whichever answers ends the other;
  // that both have the same answer keeps this deterministic.
  bool turn_both(std::uint64_t slice) {
    const std::uint64_t left = budget_.configurations_per_key - std::min(budget_.configurations_per_key, explored());
    const std::uint64_t most = std::min(slice, left / 2);
    in_breadth_.explored += most;  // as if it had
    const std::size_t bytes_max = half();
    Linearizable broad = Linearizable::unknown;
    std::atomic<bool> enough = false;
    std::jthread other([&] {
      for (std::uint64_t done = 0; done < most && !enough && breadth_->bytes_soon() < bytes_max; done += kGlance) {
        broad = breadth_->advance(std::min(most - done, kGlance), bytes_max);
        if (broad != Linearizable::unknown) break;
      }
      answered_ = broad != Linearizable::unknown;
    });
    const bool found = go_deep(slice) || try_window(slice);
    enough = found || over_ == kTimeIsUp;
    other.join();
    look_at_breadth();
    return found || (broad != Linearizable::unknown && accept(*breadth_, broad));
  }

  // The breadth-first search knows that there is an order, but not which: the depth-first one goes on for as long as
  // the budget lasts.
  void find_witness() {
    const Finding known = finding_;
    for (; !over() && depth_.bytes_soon() < half();)
      if (turn(depth_, kGlance)) return;
    finding_ = known;
  }

  std::int64_t return_of(std::uint32_t step) const { return problem_.calls[timeline_.steps[step].target].return_ns; }

  // Looks at the returns before the one where the depth-first search is stuck, and at nothing else.
  bool try_window(std::uint64_t slice) {
    const bool is_register = problem_.space == nullptr && problem_.element_used_until.empty();
    const std::uint32_t stuck = depth_.furthest_step();
    if (!is_register || problem_.starts.size() > 1 || stuck >= timeline_.returns() || over()) return false;
    window_ = stuck == window_end_ ? 2 * window_ : kFirstWindow;
    window_end_ = stuck;
    if (window_ >= stuck) return false;
    const Cut cut{return_of(stuck - window_), return_of(stuck)};
    Budget few = budget_;
    few.configurations_per_key = std::min(4 * slice, budget_.configurations_per_key - explored());
    few.bytes_per_key -= std::min(few.bytes_per_key, bytes());
    few.witness = false;
    few.threads_per_key = 1;
    const Finding part = search(excerpt(problem_, calls_around(cut), cut), few);
    in_windows_ += part.explored;
    if (part.linearizable != Linearizable::no) return false;
    finding_ = part;
    finding_.failed_at_ns = cut.until_ns;
    finding_.from_ns = cut.from_ns;
    finding_.explored = explored();
    return true;
  }

  // Calls that were pending after the cut's beginning, and invoked before its end.
  std::vector<std::uint32_t> calls_around(const Cut& cut) const {
    const auto invoked_by_end = std::upper_bound(problem_.calls.begin(), problem_.calls.end(), cut.until_ns,
                                                 [](std::int64_t at, const Call& call) { return at < call.invoke_ns; });
    std::vector<std::uint32_t> calls;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(invoked_by_end - problem_.calls.begin()); ++i)
      if (problem_.calls[i].return_ns > cut.from_ns) calls.push_back(i);
    return calls;
  }

  const Problem& problem_;
  const Timeline& timeline_;
  const Budget& budget_;
  DepthFirst depth_;
  std::optional<BreadthFirst> breadth_;  // made when it is needed
  Progress in_breadth_;
  std::atomic<bool> answered_ = false;  // by the breadth-first search, beside the other
  std::uint64_t in_windows_ = 0;        // explored there
  std::uint32_t window_ = 0;            // returns in the last one
  std::uint32_t window_end_ = kNone;
  std::string over_;  // which budget ran out
  Finding finding_;
};

}  // namespace

Finding search(const Problem& problem, const Budget& budget) {
  const auto timeline = build_timeline(problem, budget.bytes_per_key);
  if (!timeline)
    return unknown(fmt::format("the memory budget of {} MiB cannot hold what was pending", budget.bytes_per_key >> 20U),
                   0);
  if (timeline->returns() == 0) return {};  // nothing was answered
  return Race(problem, *timeline, budget).run();
}

}  // namespace fracas::checker
