#include "checker/linearizability/search.h"

#include <fmt/format.h>

#include <algorithm>

#include "checker/linearizability/breadth_first.h"
#include "checker/linearizability/depth_first.h"
#include "checker/linearizability/expansion.h"
#include "checker/linearizability/model_expansion.h"

namespace fracas::checker {
namespace {

constexpr std::uint64_t kFirstSlice = 4096;  // configurations; doubled each turn

Finding unknown(std::string reason, std::uint64_t explored) {
  return {Linearizable::unknown, std::move(reason), Pattern::none, {}, 0, explored};
}

// Both searches in turns.
template <typename Moves>
class Race {
 public:
  Race(const Problem& problem, const Timeline& timeline, const Budget& budget)
      : problem_(problem),
        timeline_(timeline),
        budget_(budget),
        depth_(problem, timeline),
        breadth_(problem, timeline) {}

  Finding run() {
    for (std::uint64_t slice = kFirstSlice;; slice *= 2) {
      // Either may use half of the memory; one that has used it up leaves the rest of the budget to the other.
      const bool depth_fits = depth_.bytes() < half();
      const bool breadth_fits = breadth_.bytes() < half();
      if (!depth_fits && !breadth_fits)
        return unknown(fmt::format("the memory budget of {} MiB is used up", budget_.bytes_per_key >> 20), explored());
      if (depth_fits && turn(depth_, slice)) return finding_;
      if (breadth_fits && turn(breadth_, slice)) return finding_;
      if (explored() >= budget_.configurations_per_key)
        return unknown(fmt::format("the budget of {} configurations is used up", budget_.configurations_per_key),
                       explored());
    }
  }

 private:
  // Bytes for each search, besides the model's states.
  std::size_t half() const {
    const std::size_t states = problem_.space ? problem_.space->bytes() : 0;
    return states < budget_.bytes_per_key ? (budget_.bytes_per_key - states) / 2 : 0;
  }

  std::uint64_t explored() const { return depth_.explored() + breadth_.explored(); }

  // In small parts, so that memory is looked at before it has grown by much.
  template <typename Search>
  bool turn(Search& search, std::uint64_t slice) {
    for (std::uint64_t done = 0; done < slice && search.bytes() < half(); done += kFirstSlice) {
      if (explored() >= budget_.configurations_per_key) return false;
      const std::uint64_t left = budget_.configurations_per_key - explored();
      const Linearizable answer = search.advance(std::min(left, kFirstSlice));
      if (answer == Linearizable::unknown) continue;
      finding_ = {answer, {}, Pattern::none, {}, 0, explored()};
      if (answer == Linearizable::no)
        finding_.failed_at_ns = problem_.calls[timeline_.steps[search.furthest_step()].target].return_ns;
      return true;
    }
    return false;
  }

  const Problem& problem_;
  const Timeline& timeline_;
  const Budget& budget_;
  DepthFirst<Moves> depth_;
  BreadthFirst<Moves> breadth_;
  Finding finding_;
};

}  // namespace

Finding search(const Problem& problem, const Budget& budget) {
  const auto timeline = build_timeline(problem, budget.bytes_per_key);
  if (!timeline)
    return unknown(fmt::format("the memory budget of {} MiB cannot hold what was pending", budget.bytes_per_key >> 20),
                   0);
  if (timeline->returns() == 0) return {};
  if (problem.space) return Race<ModelExpansion>(problem, *timeline, budget).run();
  return Race<Expansion>(problem, *timeline, budget).run();
}

}  // namespace fracas::checker
