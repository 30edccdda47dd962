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

std::size_t operations_of(const RunRecord& record) {
  return static_cast<std::size_t>(
      std::count_if(record.history.begin(), record.history.end(),
                    [](const model::Event& event) { return event.type == model::EventType::invoke; }));
}

// With so few operations a run takes no time, and more seeds are tried for each step; with so many, fewer.
constexpr std::size_t kFewOperations = 500;
constexpr std::size_t kManyOperations = 1500;
constexpr unsigned kMoreSeeds = 5;   // times as many
constexpr unsigned kFewerSeeds = 4;  // a share of them
// Of more operations than these nobody makes a picture: it is tried harder then, with ever more seeds.
constexpr std::size_t kReadable = 30;
constexpr unsigned kHarder = 4;
constexpr unsigned kHardest = 64;

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
      : options_(options), check_(check), best_(universe) {}

  Shrunk go() {
    static_cast<void>(accept(best_.experiment));  // to know how many operations it has
    for (; effort_ <= kHardest && !spent(); effort_ *= kHarder) {
      while (smaller() && !spent()) {
      }
      if (operations_ <= kReadable || check_ == "availability") break;
    }
    return finish();
  }

 private:
  // One round of everything that makes it smaller.
  bool smaller() {
    // Whoever is given less time, or fewer nodes, may well answer worse: that would be no mistake of the system.
    if (check_ == "availability") {
      const bool fewer = fewer_faults();
      return shorter_faults() || fewer;
    }
    bool done = end_early();  // the shorter the runs, the faster is the rest
    done = fewer_faults() || done;
    done = fewer_hosts() || done;
    done = less_load() || done;
    done = shorter_faults() || done;
    return another_seed() || done;
  }

  bool spent() const { return runs_ >= options_.runs_max || (options_.stop && options_.stop()); }
  unsigned seeds() const {
    const unsigned usual = options_.seeds_per_try * effort_;
    if (operations_ <= kFewOperations) return usual * kMoreSeeds;
    return operations_ <= kManyOperations ? usual : std::max(1U, usual / kFewerSeeds);
  }

  // How many operations it has if it violates the check; nothing: it does not.
  Result<std::optional<std::size_t>> run(const Universe& universe) {
    ++runs_;
    const auto record = run_universe(universe);
    if (!record) return failure(record.error());
    if (violated_check(*record) != check_) return std::optional<std::size_t>();
    return std::optional(operations_of(*record));
  }

  // Takes the candidate over if it still violates the check with its own seed or one of the next.
  bool accept(const model::Experiment& candidate) {
    for (unsigned i = 0; i < seeds() && !spent(); ++i) {
      Universe universe{candidate, best_.seed + i};
      const auto operations = run(universe);
      if (!operations) return false;  // no valid experiment, with any seed
      if (!*operations) continue;
      operations_ = **operations;
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

  // The same experiment may have fewer operations with another seed.
  bool another_seed() {
    const std::uint64_t first = best_.seed;
    const std::size_t before = operations_;
    for (unsigned i = 1; i < seeds() && !spent(); ++i) {
      Universe universe{best_.experiment, first + i};
      const auto operations = run(universe);
      if (!operations || !*operations || **operations >= operations_) continue;
      operations_ = **operations;
      best_ = std::move(universe);
    }
    return operations_ < before;
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
    return shorten(&model::Phases::mutable_faults, 50) || smaller;
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
            .operations = operations_of(*run),
            .runs = runs_};
  }

  const ShrinkOptions& options_;
  const std::string& check_;
  Universe best_;
  std::size_t operations_ = std::numeric_limits<std::size_t>::max();
  unsigned effort_ = 1;
  std::uint64_t runs_ = 0;
};

}  // namespace

Shrunk shrink(const Universe& universe, const std::string& check, const ShrinkOptions& options) {
  return Shrinking(universe, check, options).go();
}

}  // namespace fracas::controller
