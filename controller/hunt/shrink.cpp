#include "controller/hunt/shrink.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/ensure.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/proto_time.h"

namespace fracas::controller {
namespace {

using std::chrono::milliseconds;

std::size_t operations_until(const RunRecord& record, std::int64_t moment_ns) {
  return static_cast<std::size_t>(
      std::count_if(record.history.begin(), record.history.end(), [moment_ns](const model::Event& event) {
        return event.type == model::EventType::invoke && event.time_ns <= moment_ns;
      }));
}

constexpr std::int64_t kAtTheEnd = std::numeric_limits<std::int64_t>::max();

// When the violation of that check became visible; kAtTheEnd: its proof does not say.
std::int64_t moment_of(const RunRecord& record, const std::string& kind) {
  for (const checker::CheckResult& check : record.checks)
    if (check.kind == kind && check.verdict == checker::Verdict::violated && check.counterexample &&
        check.counterexample->moment_ns > record.phases.warmup_ns)
      return check.counterexample->moment_ns;
  return kAtTheEnd;
}

bool has_planted_bugs(const model::Experiment& experiment) {
  return experiment.target().quorum().bugs_size() + experiment.target().raft().bugs_size() > 0;
}

model::Experiment without_bugs(model::Experiment experiment) {
  if (experiment.target().has_quorum()) experiment.mutable_target()->mutable_quorum()->clear_bugs();
  if (experiment.target().has_raft()) experiment.mutable_target()->mutable_raft()->clear_bugs();
  return experiment;
}

// How long a run takes, in operations, roughly. With so little a run takes no time, and more seeds are tried for each
// step; with so much, fewer.
constexpr std::size_t kFaultsWork = 20;     // of each fault
constexpr std::size_t kHalfWork = 250'000;  // for half of the fault phase
constexpr unsigned kHalfSeedsMax = 5000;
constexpr std::size_t kLittleWork = 300;
constexpr std::size_t kMuchWork = 900;
constexpr unsigned kMoreSeeds = 5;   // times as many
constexpr unsigned kFewerSeeds = 4;  // a share of them
// Of more operations or faults than these nobody makes a picture: it is tried harder then, with ever more seeds.
constexpr std::size_t kReadable = 30;
constexpr int kReadableFaults = 3;
constexpr int kManyFaults = 8;  // it takes long to leave out one after the other
constexpr unsigned kHarder = 4;
constexpr unsigned kHardest = 64;
constexpr Duration kFaultsLeast = milliseconds(50);  // a phase of faults

// Ever smaller values, the least of them first, for as long as they are accepted. True: one was.
template <typename Accepts>
bool reduce(double now, double least, const Accepts& accepts) {
  const double began = now;
  for (const double share : {0.0, 0.5, 0.8}) {
    while (now > least) {
      const double next = std::max(least, std::floor(now * share));
      if (next >= now || !accepts(next)) break;
      now = next;
    }
  }
  return now < began;
}

double milliseconds_of(const google::protobuf::Duration& duration) {
  return static_cast<double>(model::from_proto(duration) / milliseconds(1));
}

google::protobuf::Duration milliseconds_to(double number) {
  return model::to_proto(milliseconds(static_cast<std::int64_t>(number)));
}

class Shrinking {
 public:
  Shrinking(const Universe& universe, const std::string& check, const ShrinkOptions& options)
      : options_(options),
        check_(check),
        availability_(check == "availability"),
        comparable_(availability_ && has_planted_bugs(universe.experiment) &&
                    keeps_check({without_bugs(universe.experiment), universe.seed})),
        best_(universe) {}

  Shrunk go() {
    static_cast<void>(accept(best_.experiment));  // to know how many operations it has
    for (; effort_ <= kHardest && !spent(); effort_ *= kHarder) {
      while (smaller() && !spent()) {
      }
      if (readable() || (availability_ && !comparable_)) break;
    }
    return finish();
  }

 private:
  // One round of everything that makes it smaller.
  bool smaller() {
    // Whoever is given less time, or fewer nodes, may well answer worse: that would be no mistake of the system, unless
    // it does well without its planted bug.
    if (availability_ && !comparable_) {
      const bool fewer = fewer_faults();
      return shorter_faults() || fewer;
    }
    bool done = cut();  // the shorter the runs, the faster is the rest
    while (best_.experiment.fault_size() > kManyFaults && later_half()) {
      done = true;
      cut();
    }
    done = end_early() || done;
    done = fewer_faults() || done;
    done = fewer_hosts() || done;
    done = less_load() || done;
    done = shorter_faults() || done;
    return another_seed() || done;
  }

  bool readable() const { return seen_.operations <= kReadable && best_.experiment.fault_size() <= kReadableFaults; }
  bool spent() const { return runs_ >= options_.runs_max || (options_.stop && options_.stop()); }
  std::size_t work() const {
    return seen_.operations + kFaultsWork * static_cast<std::size_t>(best_.experiment.fault_size());
  }
  unsigned seeds() const {
    const unsigned usual = options_.seeds_per_try * effort_;
    if (work() <= kLittleWork) return usual * kMoreSeeds;
    return work() <= kMuchWork ? usual : std::max(1U, usual / kFewerSeeds);
  }

  // What a run that violates the check shows.
  struct Seen {
    std::size_t operations = std::numeric_limits<std::size_t>::max();  // that began before the violation was visible
    std::optional<Duration> visible{};  // since the beginning of the warm-up; nothing: known at the end
  };

  // Nothing: it does not violate the check.
  Result<std::optional<Seen>> run(const Universe& universe) {
    ++runs_;
    const auto record = run_universe(universe);
    if (!record) return failure(record.error());
    if (violated_check(*record) != check_) return std::optional<Seen>();
    if (comparable_ && !keeps_check({without_bugs(universe.experiment), universe.seed})) return std::optional<Seen>();
    const std::int64_t moment_ns = moment_of(*record, check_);
    Seen seen{.operations = operations_until(*record, moment_ns)};
    if (moment_ns != kAtTheEnd) seen.visible = Duration(moment_ns - record->phases.warmup_ns);
    return std::optional(seen);
  }

  bool keeps_check(const Universe& universe) {
    ++runs_;
    const auto record = run_universe(universe);
    return record && violated_check(*record) != check_;
  }

  // Takes the candidate over if it still violates the check with its own seed or one of the next.
  bool accept(const model::Experiment& candidate) { return accept(candidate, seeds()); }
  bool accept(const model::Experiment& candidate, unsigned seeds) {
    for (unsigned i = 0; i < seeds && !spent(); ++i) {
      Universe universe{candidate, best_.seed + i};
      const auto seen = run(universe);
      if (!seen) return false;  // no valid experiment, with any seed
      if (!*seen) continue;
      seen_ = **seen;
      best_ = std::move(universe);
      return true;
    }
    return false;
  }

  template <typename Change>
  bool try_change(const Change& change) {
    model::Experiment candidate = best_.experiment;
    return change(candidate) && accept(candidate);
  }

  // The same experiment may violate the check sooner with another seed.
  bool another_seed() {
    const std::uint64_t first = best_.seed;
    const std::size_t before = seen_.operations;
    for (unsigned i = 1; i < seeds() && !spent(); ++i) {
      Universe universe{best_.experiment, first + i};
      const auto seen = run(universe);
      if (!seen || !*seen || (*seen)->operations >= seen_.operations) continue;
      seen_ = **seen;
      best_ = std::move(universe);
    }
    return seen_.operations < before;
  }

  // Leaves out the first half of the fault phase. What needs luck is as likely in the same time of many short runs as
  // in that of a few long ones, so a half is given as much work, not as many seeds.
  bool later_half() {
    const Duration phase = model::from_proto(best_.experiment.phases().faults());
    if (phase < 2 * kFaultsLeast) return false;
    const Duration half = phase / 2;
    model::Experiment candidate = best_.experiment;
    *candidate.mutable_phases()->mutable_faults() = model::to_proto(phase - half);
    for (int i = candidate.fault_size() - 1; i >= 0; --i) {
      model::FaultSpec& fault = *candidate.mutable_fault(i);
      if (fault.has_when() || fault.has_every() || !fault.has_for_()) return false;
      const Duration start = std::max(half, model::from_proto(fault.at()));
      const Duration end = model::from_proto(fault.at()) + model::from_proto(fault.for_());
      if (end <= start) {
        candidate.mutable_fault()->DeleteSubrange(i, 1);
        continue;
      }
      *fault.mutable_at() = model::to_proto(start - half);
      *fault.mutable_for_() = model::to_proto(end - start);
    }
    const auto many = static_cast<unsigned>(kHalfWork / std::max<std::size_t>(1, work()));
    return accept(candidate, std::clamp(many, seeds(), kHalfSeedsMax));
  }

  // Ends the run when the violation has become visible: until then the shorter one is the same. Faults that begin later
  // had no part in it.
  bool cut() {
    if (!seen_.visible) return false;
    const model::Phases& phases = best_.experiment.phases();
    const auto visible = std::chrono::ceil<milliseconds>(*seen_.visible);
    const Duration before = model::from_proto(phases.warmup());
    const Duration during = model::from_proto(phases.faults());
    const Duration faults = std::clamp<Duration>(visible - before, kFaultsLeast, during);
    const Duration after = std::max<Duration>(visible - before - faults, Duration{});
    if (faults >= during && after >= model::from_proto(phases.recover())) return false;
    return try_change([&](model::Experiment& candidate) {
      *candidate.mutable_phases()->mutable_faults() = model::to_proto(faults);
      *candidate.mutable_phases()->mutable_recover() = model::to_proto(after);
      for (int i = candidate.fault_size() - 1; i >= 0; --i) {
        if (candidate.fault_size() > 1 && model::from_proto(candidate.fault(i).at()) >= faults)
          candidate.mutable_fault()->DeleteSubrange(i, 1);
      }
      for (model::FaultSpec& fault : *candidate.mutable_fault()) fit(fault, faults);
      return true;
    });
  }

  // Delta debugging over the faults: leaves out ever smaller runs of them.
  bool fewer_faults() {
    bool smaller = false;
    for (int chunk = std::max(1, best_.experiment.fault_size() / 2);; chunk /= 2) {
      for (int first = 0; first < best_.experiment.fault_size();) {
        const int count = std::min(chunk, best_.experiment.fault_size() - first);
        const bool gone = try_change([&](model::Experiment& candidate) {
          candidate.mutable_fault()->DeleteSubrange(first, count);
          return true;
        });
        smaller = smaller || gone;
        if (!gone) first += chunk;
      }
      if (chunk <= 1) return smaller;
    }
  }

  bool shorten(google::protobuf::Duration* (model::Phases::*phase)(), double least_ms) {
    const double now = milliseconds_of(*(best_.experiment.mutable_phases()->*phase)());
    return reduce(now, least_ms, [&](double length) {
      return try_change([&](model::Experiment& candidate) {
        *(candidate.mutable_phases()->*phase)() = milliseconds_to(length);
        for (model::FaultSpec& fault : *candidate.mutable_fault())
          fit(fault, model::from_proto(candidate.phases().faults()));
        return true;
      });
    });
  }

  // Into a shorter fault phase.
  static void fit(model::FaultSpec& fault, Duration phase) {
    const Duration start = std::min(model::from_proto(fault.at()), phase - milliseconds(1));
    *fault.mutable_at() = model::to_proto(start);
    *fault.mutable_for_() = model::to_proto(std::min(model::from_proto(fault.for_()), phase - start));
  }

  // All faults together, by as much as the first of them waits or a part of that.
  bool begin_early() {
    double first = std::numeric_limits<double>::max();
    for (const model::FaultSpec& fault : best_.experiment.fault()) first = std::min(first, milliseconds_of(fault.at()));
    if (best_.experiment.fault_size() == 0) return false;
    return reduce(first, 0, [&](double to) {
      const bool moved = try_change([&](model::Experiment& candidate) {
        for (model::FaultSpec& fault : *candidate.mutable_fault())
          *fault.mutable_at() = milliseconds_to(milliseconds_of(fault.at()) - (first - to));
        return true;
      });
      if (moved) first = to;
      return moved;
    });
  }

  bool end_early() {
    bool smaller = begin_early();
    smaller = shorten(&model::Phases::mutable_recover, 0) || smaller;
    smaller = shorten(&model::Phases::mutable_warmup, 0) || smaller;
    return shorten(&model::Phases::mutable_faults, milliseconds_of(model::to_proto(kFaultsLeast))) || smaller;
  }

  bool fewer_hosts() {
    bool smaller = try_change([](model::Experiment& candidate) {
      if (candidate.world().spares() == 0) return false;
      candidate.mutable_world()->set_spares(0);
      return true;
    });
    while (try_change([](model::Experiment& candidate) {
      if (candidate.world().nodes() <= 1) return false;
      candidate.mutable_world()->set_nodes(candidate.world().nodes() - 1);
      return true;
    }))
      smaller = true;
    return smaller;
  }

  // `set` puts a smaller number into the candidate.
  template <typename Set>
  bool lower(double now, double least, const Set& set) {
    return reduce(now, least, [&](double to) {
      return try_change([&](model::Experiment& candidate) {
        set(candidate, to);
        return true;
      });
    });
  }

  bool less_load() {
    using model::Experiment;
    const model::Workload load = best_.experiment.workload();
    bool smaller = lower(load.keys(), 1, [](Experiment& candidate, double to) {
      candidate.mutable_workload()->set_keys(static_cast<std::uint32_t>(to));
    });
    smaller =
        lower(load.rate(), 1, [](Experiment& candidate, double to) { candidate.mutable_workload()->set_rate(to); }) ||
        smaller;
    smaller = lower(load.clients(), 1,
                    [](Experiment& candidate, double to) {
                      candidate.mutable_workload()->set_clients(static_cast<std::uint32_t>(to));
                    }) ||
              smaller;
    smaller = lower(load.ops_per_key_max(), 10,
                    [](Experiment& candidate, double to) {
                      candidate.mutable_workload()->set_ops_per_key_max(static_cast<std::uint32_t>(to));
                    }) ||
              smaller;
    if (!best_.experiment.target().has_raft()) return smaller;
    // Many operations may be needed for nothing but the next snapshot.
    return lower(best_.experiment.target().raft().snapshot_every(), 10,
                 [](Experiment& candidate, double to) {
                   candidate.mutable_target()->mutable_raft()->set_snapshot_every(static_cast<std::uint32_t>(to));
                 }) ||
           smaller;
  }

  bool shorter_faults() {
    bool smaller = false;
    for (int i = 0; i < best_.experiment.fault_size(); ++i) {
      smaller = lower(milliseconds_of(best_.experiment.fault(i).for_()), 10,
                      [i](model::Experiment& candidate, double to) {
                        *candidate.mutable_fault(i)->mutable_for_() = milliseconds_to(to);
                      }) ||
                smaller;
    }
    return smaller;
  }

  Shrunk finish() {
    best_.experiment.set_expect(model::EXPECTATION_VIOLATED);
    best_.experiment.mutable_seed()->set_random(false);
    best_.experiment.mutable_seed()->set_value(best_.seed);
    const auto run = run_universe(best_);
    ensure(run.has_value() && violated_check(*run) == check_, "what was accepted violates the check again");
    return {.universe = best_,
            .faults = static_cast<std::size_t>(best_.experiment.fault_size()),
            .nodes = best_.experiment.world().nodes(),
            .clients = best_.experiment.workload().clients(),
            .operations = operations_until(*run, kAtTheEnd),
            .runs = runs_};
  }

  const ShrinkOptions& options_;
  const std::string& check_;
  std::uint64_t runs_ = 0;
  const bool availability_;
  const bool comparable_;  // availability only: it can be told whether a smaller experiment would do well without a bug
  Universe best_;
  Seen seen_{};
  unsigned effort_ = 1;
};

}  // namespace

Shrunk shrink(const Universe& universe, const std::string& check, const ShrinkOptions& options) {
  return Shrinking(universe, check, options).go();
}

}  // namespace fracas::controller
