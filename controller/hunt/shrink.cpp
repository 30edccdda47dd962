#include "controller/hunt/shrink.h"

#include <algorithm>
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

class Shrinking {
 public:
  Shrinking(const Universe& universe, const std::string& check, const ShrinkOptions& options)
      : options_(options), check_(check), best_(universe) {}

  Shrunk go() {
    bool smaller = true;
    while (smaller && !spent()) {
      smaller = fewer_faults();
      smaller = end_early() || smaller;
      smaller = fewer_hosts() || smaller;
      smaller = less_load() || smaller;
      smaller = shorter_faults() || smaller;
    }
    return finish();
  }

 private:
  bool spent() const { return runs_ >= options_.runs_max || (options_.stop && options_.stop()); }

  // Takes the candidate over if it still violates the check with its own seed or one of the next.
  bool accept(model::Experiment candidate) {
    for (unsigned i = 0; i < options_.seeds_per_try && !spent(); ++i) {
      Universe universe{candidate, best_.seed + i};
      ++runs_;
      const auto run = run_universe(universe);
      if (!run) return false;  // no valid experiment, with any seed
      if (violated_check(*run) != check_) continue;
      best_ = std::move(universe);
      return true;
    }
    return false;
  }

  template <typename Change>
  bool try_change(const Change& change) {
    model::Experiment candidate = best_.experiment;
    return change(candidate) && accept(std::move(candidate));
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

  bool shorten(google::protobuf::Duration* (model::Phases::*phase)(), Duration least) {
    return try_change([&](model::Experiment& candidate) {
      google::protobuf::Duration* length = (candidate.mutable_phases()->*phase)();
      const Duration now = model::from_proto(*length);
      const Duration shorter = std::max(least, Duration(now / 2 / milliseconds(1) * milliseconds(1)));
      if (shorter >= now) return false;
      *length = model::to_proto(shorter);
      for (model::FaultSpec& fault : *candidate.mutable_fault())
        fit(fault, model::from_proto(candidate.phases().faults()));
      return true;
    });
  }

  // Into a shorter fault phase.
  static void fit(model::FaultSpec& fault, Duration phase) {
    const Duration start = std::min(model::from_proto(fault.at()), phase - milliseconds(1));
    *fault.mutable_at() = model::to_proto(start);
    *fault.mutable_for_() = model::to_proto(std::min(model::from_proto(fault.for_()), phase - start));
  }

  // All faults together, by half of what the first of them waits.
  bool begin_early() {
    return try_change([](model::Experiment& candidate) {
      Duration first = Duration::max();
      for (const model::FaultSpec& fault : candidate.fault()) first = std::min(first, model::from_proto(fault.at()));
      const Duration earlier = first / 2 / milliseconds(1) * milliseconds(1);
      if (candidate.fault_size() == 0 || earlier < milliseconds(50)) return false;
      for (model::FaultSpec& fault : *candidate.mutable_fault())
        *fault.mutable_at() = model::to_proto(model::from_proto(fault.at()) - earlier);
      return true;
    });
  }

  bool end_early() {
    bool smaller = false;
    while (begin_early()) smaller = true;
    while (shorten(&model::Phases::mutable_recover, Duration{})) smaller = true;
    while (shorten(&model::Phases::mutable_warmup, Duration{})) smaller = true;
    while (shorten(&model::Phases::mutable_faults, milliseconds(100))) smaller = true;
    return smaller;
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

  template <typename Get, typename Set>
  bool halve(const Get& get, const Set& set, double least) {
    bool smaller = false;
    while (try_change([&](model::Experiment& candidate) {
      const auto now = static_cast<double>(get(candidate.workload()));
      const double half = std::max(least, static_cast<double>(static_cast<std::uint64_t>(now / 2)));
      if (half >= now) return false;
      set(*candidate.mutable_workload(), half);
      return true;
    }))
      smaller = true;
    return smaller;
  }

  bool less_load() {
    using model::Workload;
    bool smaller = halve([](const Workload& load) { return load.keys(); },
                         [](Workload& load, double to) { load.set_keys(static_cast<std::uint32_t>(to)); }, 1);
    smaller = halve([](const Workload& load) { return load.rate(); },
                    [](Workload& load, double to) { load.set_rate(to); }, 2) ||
              smaller;
    smaller = halve([](const Workload& load) { return load.clients(); },
                    [](Workload& load, double to) { load.set_clients(static_cast<std::uint32_t>(to)); }, 1) ||
              smaller;
    return smaller;
  }

  bool shorter_faults() {
    bool smaller = false;
    for (int i = 0; i < best_.experiment.fault_size(); ++i) {
      smaller = try_change([i](model::Experiment& candidate) {
                  model::FaultSpec& fault = *candidate.mutable_fault(i);
                  const Duration half = model::from_proto(fault.for_()) / 2 / milliseconds(1) * milliseconds(1);
                  if (half < milliseconds(10)) return false;
                  *fault.mutable_for_() = model::to_proto(half);
                  return true;
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
  std::uint64_t runs_ = 0;
};

}  // namespace

Shrunk shrink(const Universe& universe, const std::string& check, const ShrinkOptions& options) {
  return Shrinking(universe, check, options).go();
}

}  // namespace fracas::controller
