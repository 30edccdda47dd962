#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// The battery: what a system is put through to be classified. Every trial is an experiment anybody could write.
namespace fracas::model {
class Experiment;
}  // namespace fracas::model

namespace fracas::controller::classify {

enum class Stress : std::uint8_t {
  none,
  delay,      // every member's packets to the others, all the time: what waits for a member shows
  lag,        // some members only, irregularly
  partition,  // two sides, clients on both, to the end of the fault phase
  isolation,  // one member alone, again and again; clients reach all of them
  clock,
  kill,
};

// "no fault", "partition", …
std::string_view name(Stress stress);

struct Trial {
  std::string name;  // unique in the battery; also its folder's
  std::string doc;   // one sentence: what is done
  Stress stress = Stress::none;
  bool weakest = false;                              // with the target's weakest options, for their latency alone
  std::string faults = {};                           // [[fault]] tables
  std::vector<std::string> overrides = {};           // as of --set
  std::vector<std::vector<std::string>> sides = {};  // of a partition: the nodes, and the clients, of each
};

// How much a member's packets to other members are held in trials of Stress::delay: a round trip pays it twice.
inline constexpr double kDelayMs = 10;

// What the target's weakest options are, as overrides and in words; nothing where it has none, or already runs so.
struct Weakest {
  std::vector<std::string> overrides = {};
  std::string words = {};  // "reads = lease"
};
Weakest weakest_options(const model::Experiment& experiment);

// The trials that fit the experiment's world and target. REQUIRES: it was read.
std::vector<Trial> battery(const model::Experiment& experiment);

// An experiment in TOML for a target that was only named: members, load and phases that suit it, no fault, no check.
// ERRORS: nothing is known of such a target; one that needs more than its name ("exec": its programs).
Result<std::string> default_experiment(std::string_view target);

}  // namespace fracas::controller::classify
