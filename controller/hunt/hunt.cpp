#include "controller/hunt/hunt.h"

#include <malloc.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "controller/hunt/explicit_faults.h"
#include "controller/hunt/mutate.h"
#include "controller/sim/simulate.h"
#include "lib/base/ensure.h"
#include "lib/base/random.h"
#include "lib/model/experiment.pb.h"
#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

// From so many faults on, some of them may stand in the way of what others would show.
constexpr int kManyFaults = 5;

// One of the experiments, and what is known of it.
struct Ground {
  const model::ExperimentFile& file;
  Coverage coverage{};
  std::vector<model::Experiment> corpus{};  // schedules that reached something new
};

// One hunt. Universes are made and their results taken in under a lock; they run outside of it.
class Hunt {
 public:
  Hunt(std::span<const model::ExperimentFile> files, const HuntOptions& options)
      : options_(options), began_ns_(os::boot_now_ns()) {
    for (const model::ExperimentFile& file : files) grounds_.push_back({file});
  }

  HuntResult go() {
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    }
    for (const Ground& ground : grounds_) result_.coverage.merge(Coverage(ground.coverage));
    return std::move(result_);
  }

 private:
  // What the next universe is made from: a schedule of the corpus, or none.
  struct Draft {
    Ground& ground;
    std::uint64_t seed = 0;
    RandomStream random;
    std::optional<model::Experiment> base{};
  };

  void work() {
    while (auto draft = next()) {
      if (draft->base) {
        mutate(*draft->base, draft->random);
        const Universe universe{std::move(*draft->base), draft->seed};
        learn(draft->ground, universe, run_universe(universe));
      } else if (auto some = some_of_many(*draft)) {
        run_own(draft->ground, *some, draft->seed);
      } else {
        run_own(draft->ground, draft->ground.file, draft->seed);
      }
    }
  }

  std::optional<Draft> next() {
    const std::scoped_lock lock(mutex_);
    const bool late = options_.time_max && os::boot_now_ns() - began_ns_ > options_.time_max->count();
    if (late || begun_ == options_.universes_max || result_.violations.size() >= options_.violations_max ||
        (options_.stop && options_.stop()))
      return std::nullopt;
    Ground& ground = grounds_[static_cast<std::size_t>(begun_ % grounds_.size())];
    const std::uint64_t seed = options_.first_seed + begun_++;
    Draft draft{ground, seed, RandomStream(seed, "hunt")};
    if (options_.guided && !ground.corpus.empty() && draft.random.chance(0.5))
      draft.base = ground.corpus[static_cast<std::size_t>(draft.random.below(ground.corpus.size()))];
    return draft;
  }

  // The experiment with some of its faults, every other time where it has many; nothing: as it is.
  std::optional<model::ExperimentFile> some_of_many(Draft& draft) const {
    model::Experiment experiment = draft.ground.file.experiment();
    if (!options_.guided || experiment.fault_size() < kManyFaults || draft.random.chance(0.5)) return std::nullopt;
    thin_out(experiment, draft.random);
    auto file = checked(experiment);
    if (!file) return std::nullopt;  // one of them begins with or after one that was left out
    return std::move(*file);
  }

  // The file's own schedule.
  void run_own(Ground& ground, const model::ExperimentFile& file, std::uint64_t seed) {
    Universe universe{file.experiment(), seed};
    const auto timeline = plan(file, seed);
    if (!timeline) return learn(ground, universe, failure(timeline.error()));
    auto run = simulate(file.experiment(), *timeline);
    Universe fixed{with_explicit_faults(file.experiment(), *timeline), seed};
    if (run.outcome != Outcome::violated) return learn(ground, fixed, std::move(run));
    // Not surely the same: a ramp's steps draw other numbers by themselves.
    auto again = run_universe(fixed);
    if (again && violated_check(*again) == violated_check(run)) return learn(ground, fixed, std::move(again));
    learn(ground, universe, std::move(run));
  }

  void learn(Ground& ground, const Universe& universe, Result<RunRecord> run) {
    const std::scoped_lock lock(mutex_);
    ++result_.universes;
    if (!run || run->outcome == Outcome::could_not_run) {
      ++result_.refused;
      return;
    }
    result_.simulated += Duration(run->phases.end_ns - run->phases.warmup_ns);
    const std::size_t known = ground.coverage.size();
    ground.coverage.merge(coverage_of(run->faults, run->node_events));
    // Drawn victims may be what nobody could write down: one process killed and frozen at once.
    if (ground.coverage.size() > known && checked(universe.experiment)) ground.corpus.push_back(universe.experiment);
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

  const HuntOptions& options_;
  const std::int64_t began_ns_;
  std::mutex mutex_;
  std::uint64_t begun_ = 0;
  std::vector<Ground> grounds_;
  HuntResult result_;
};

}  // namespace

void keep_memory() {
  constexpr int kAll = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kAll);
  ::mallopt(M_TRIM_THRESHOLD, kAll);
}

HuntResult hunt(std::span<const model::ExperimentFile> files, const HuntOptions& options) {
  ensure(!files.empty(), "a hunt has an experiment");
  return Hunt(files, options).go();
}

HuntResult hunt(const model::ExperimentFile& file, const HuntOptions& options) {
  return hunt({&file, 1}, options);
}

}  // namespace fracas::controller
