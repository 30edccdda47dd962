#include "controller/hunt/hunt.h"

#include <malloc.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "controller/hunt/explicit_faults.h"
#include "controller/hunt/mutate.h"
#include "controller/sim/simulate.h"
#include "lib/base/random.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

// One hunt. Universes are made and their results taken in under a lock; they run outside of it.
class Hunt {
 public:
  Hunt(const model::ExperimentFile& file, const HuntOptions& options)
      : file_(file), options_(options), began_ns_(os::boot_now_ns()) {}

  HuntResult go() {
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    }
    return std::move(result_);
  }

 private:
  void work() {
    while (auto draft = next()) {
      if (!draft->base) {
        run_own(draft->seed);
        continue;
      }
      mutate(*draft->base, draft->random);
      const Universe universe{std::move(*draft->base), draft->seed};
      learn(universe, run_universe(universe));
    }
  }

  // What the next universe is made from: a schedule of the corpus, or none.
  struct Draft {
    std::uint64_t seed = 0;
    RandomStream random;
    std::optional<model::Experiment> base{};
  };

  std::optional<Draft> next() {
    const std::scoped_lock lock(mutex_);
    const bool late = options_.time_max && os::boot_now_ns() - began_ns_ > options_.time_max->count();
    if (late || begun_ == options_.universes_max || result_.violations.size() >= options_.violations_max ||
        (options_.stop && options_.stop()))
      return std::nullopt;
    const std::uint64_t seed = options_.first_seed + begun_++;
    Draft draft{seed, RandomStream(seed, "hunt")};
    if (options_.guided && !corpus_.empty() && draft.random.chance(0.5))
      draft.base = corpus_[static_cast<std::size_t>(draft.random.below(corpus_.size()))];
    return draft;
  }

  // The experiment's own schedule.
  void run_own(std::uint64_t seed) {
    Universe universe{file_.experiment(), seed};
    const auto timeline = plan(file_, seed);
    if (!timeline) return learn(universe, failure(timeline.error()));
    auto run = simulate(file_.experiment(), *timeline);
    Universe fixed{with_explicit_faults(file_.experiment(), *timeline), seed};
    if (run.outcome != Outcome::violated) return learn(fixed, std::move(run));
    // Faults of other names draw other numbers: mostly, but not surely, the same is found.
    auto again = run_universe(fixed);
    if (again && violated_check(*again) == violated_check(run)) return learn(fixed, std::move(again));
    learn(universe, std::move(run));
  }

  void learn(const Universe& universe, Result<RunRecord> run) {
    const std::scoped_lock lock(mutex_);
    ++result_.universes;
    if (!run || run->outcome == Outcome::could_not_run) {
      ++result_.refused;
      return;
    }
    result_.simulated += Duration(run->phases.end_ns - run->phases.warmup_ns);
    const std::size_t known = result_.coverage.size();
    result_.coverage.merge(coverage_of(run->faults, run->node_events));
    if (result_.coverage.size() > known) corpus_.push_back(universe.experiment);
    switch (run->outcome) {
      case Outcome::violated:
        result_.violations.push_back({universe, violated_check(*run), run->reason});
        break;
      case Outcome::vacuous:
        ++result_.vacuous;
        break;
      case Outcome::undecided:
        ++result_.undecided;
        break;
      default:
        ++result_.passed;
    }
  }

  const model::ExperimentFile& file_;
  const HuntOptions& options_;
  const std::int64_t began_ns_;
  std::mutex mutex_;
  std::uint64_t begun_ = 0;
  std::vector<model::Experiment> corpus_;  // schedules that reached something new
  HuntResult result_;
};

}  // namespace

void keep_memory() {
  constexpr int kAll = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kAll);
  ::mallopt(M_TRIM_THRESHOLD, kAll);
}

HuntResult hunt(const model::ExperimentFile& file, const HuntOptions& options) {
  return Hunt(file, options).go();
}

}  // namespace fracas::controller
