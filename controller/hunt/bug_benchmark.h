#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "targets/raft/bugs/bug_catalogue.h"

// How soon each bug of the catalogue is found: by an experiment that knows nothing of it, and by one made for it.
namespace fracas::controller {

struct BugBenchmarkOptions {
  std::filesystem::path experiments;   // the folder that holds nemesis/raft.toml and canary/NAME.toml
  std::vector<std::string> names{};    // empty: all
  std::uint64_t universes_max = 2000;  // for one bug by one experiment
  Duration time_max = std::chrono::minutes(5);
  unsigned jobs = 1;
  std::uint64_t seed = 1;
  std::function<bool()> stop{};
};

// One hunt for one bug.
struct BugHunt {
  bool found = false;
  std::string check{};  // that was violated first
  std::uint64_t universes = 0;
  double seconds = 0;  // of wall-clock time, on `jobs` processors
};

struct BugResult {
  raft::BugEntry bug;
  BugHunt generic;  // by nemesis/raft.toml
  BugHunt focused;  // by canary/NAME.toml
};

// `learn` is called after each bug. ERRORS: an unknown name, an experiment that cannot be read or simulated.
Status benchmark_bugs(const BugBenchmarkOptions& options, const std::function<void(const BugResult&)>& learn);

// The nemesis experiment without any bug: how many universes passed, and the first that did not, as "seed N: why".
struct SoundResult {
  std::uint64_t universes = 0;
  std::uint64_t passed = 0;
  std::uint64_t vacuous = 0;
  double seconds = 0;
  std::string first_failure{};
};
Result<SoundResult> benchmark_soundness(const BugBenchmarkOptions& options, std::uint64_t universes);

}  // namespace fracas::controller
