#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controller/hunt/coverage.h"
#include "controller/hunt/universe.h"
#include "controller/plan/timeline.h"
#include "lib/base/quantity.h"

// Many simulated runs at once, looking for one that violates a check.
namespace fracas::controller {

struct HuntOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t universes_max = 1000;
  std::optional<Duration> time_max{};
  unsigned jobs = 1;            // threads, each with a world of its own
  unsigned violations_max = 1;  // the hunt ends when it has found so many
  // Half of the universes run the experiment's own schedule with the next seed, and half of these, if it has many
  // faults, only some of them; the others change a schedule that brought the hunt somewhere new (coverage.h).
  bool guided = true;
  std::function<bool()> stop{};  // asked between universes
};

struct Violation {
  Universe universe;  // with explicit faults, where these violate the same check
  std::string check;  // the kind of the check it violates
  std::string reason;
};

struct HuntResult {
  std::uint64_t universes = 0;
  std::uint64_t passed = 0;
  std::uint64_t vacuous = 0;
  std::uint64_t undecided = 0;
  std::uint64_t refused = 0;  // changed schedules that are no valid experiment
  Duration simulated{};
  Coverage coverage;
  std::vector<Violation> violations;
};

// For programs that hunt: worlds are built and dropped by the hundred, and giving their memory back to the kernel each
// time takes a quarter of the processor. Acts on the whole process.
void keep_memory();

// Universes take the experiments in turn. REQUIRES: one or more, can_simulate of each. Thread: makes `jobs` of its own.
HuntResult hunt(std::span<const model::ExperimentFile> files, const HuntOptions& options);
HuntResult hunt(const model::ExperimentFile& file, const HuntOptions& options);

}  // namespace fracas::controller
