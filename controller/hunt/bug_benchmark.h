#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/hunt/shrink.h"
#include "controller/report/run_record.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"
#include "targets/node/bugs/bug_catalogue.h"

// How soon each bug of the catalogue is found: by experiments that know nothing of it, and by one made for it.
namespace fracas::controller {

// Every bug of every bundled store.
std::vector<node::BugEntry> bug_catalogue();

struct BugBenchmarkOptions {
  std::filesystem::path experiments;             // the folder that holds nemesis/ and canary/NAME.toml
  std::vector<std::string> names{};              // empty: all
  unsigned hunts = 5;                            // for one bug by one experiment, each from another seed
  std::uint64_t universes_max = 2000;            // in one hunt
  Duration time_max = std::chrono::minutes(10);  // of one hunt
  unsigned jobs = 1;
  std::uint64_t seed = 1;
  Duration shrink_time_max = std::chrono::seconds(30);  // for one violation of a bug; 0: none is shrunk
  unsigned lab_runs = 0;                                // focused runs in the lab, until one finds it; 0: none
  Duration lab_time_max = std::chrono::minutes(2);      // for one bug: no run begins later
  // Runs an experiment in the lab. REQUIRES: set where lab_runs > 0.
  std::function<RunRecord(const model::ExperimentFile& file, std::uint64_t seed)> run_in_lab{};
  std::function<bool()> stop{};
};

// Hunts for one bug with one experiment.
struct BugHunts {
  unsigned hunts = 0;
  unsigned found = 0;           // hunts that found it
  std::uint64_t universes = 0;  // to the first violation: the median; where less than half found it, of those that did
  double seconds = 0;           // of processor time, likewise
  std::string check{};          // that was violated first, in most hunts
};

struct LabHunt {
  unsigned runs = 0;
  bool found = false;
  double seconds = 0;   // of wall-clock time
  std::string check{};  // that was violated
};

struct BugResult {
  node::BugEntry bug;
  BugHunts generic;                // by all experiments of its store in nemesis/, in turn
  BugHunts focused;                // by canary/NAME.toml
  std::optional<Shrunk> shrunk{};  // of what was caught first, by the generic hunts if they found it
  LabHunt lab{};                   // by canary/NAME.toml
};

// The experiments in nemesis/ that are of that store: TARGET.toml and TARGET-*.toml, by name.
std::vector<std::filesystem::path> nemeses_of(const std::string& target, const std::filesystem::path& experiments);

// `learn` is called after each bug. ERRORS: an unknown name, an experiment that cannot be read or simulated.
Status benchmark_bugs(const BugBenchmarkOptions& options, const std::function<void(const BugResult&)>& learn);

// An experiment without any bug: how many universes passed, and the first that did not, as "seed N: why".
struct SoundResult {
  std::string experiment{};  // "nemesis/raft"
  std::uint64_t universes = 0;
  std::uint64_t passed = 0;
  std::uint64_t vacuous = 0;  // no check was violated, but one of the faults met nothing to act on
  std::uint64_t undecided = 0;
  double seconds = 0;  // of wall-clock time
  std::string first_failure{};
};
// So many universes in all, hunted for as those with a bug are: each experiment in nemesis/ has the same share of half
// of them, and each in the folder of a store, if it expects to pass, of the other half. `learn` is called after each.
// With names of bugs, only what is of their stores. ERRORS: as benchmark_bugs.
Status benchmark_soundness(const BugBenchmarkOptions& options, std::uint64_t universes,
                           const std::function<void(const SoundResult&)>& learn);

}  // namespace fracas::controller
