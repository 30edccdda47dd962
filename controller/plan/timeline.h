#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/experiment.h"
#include "lib/model/trigger.h"

namespace fracas::controller {

// What an occurrence waits for instead of starting at its time.
struct Awaited {
  model::RunEvent event{};
  Duration within{};  // from `start` on; after that it is not injected
  Duration delay{};   // from the event to its start
};

// One occurrence of a fault, or one step of an occurrence that changes, with everything decided that can be decided
// before the run.
struct PlannedFault {
  std::string id;                            // "ring#1", unique in the run; "ring#1.3" is a step of it
  std::string name;                          // of the [[fault]]
  std::string kind;                          // "net.partition"
  std::size_t spec = 0;                      // which [[fault]] of the experiment
  Duration start{};                          // from the beginning of the fault phase
  Duration length{};                         // > 0; start + length never passes the end of the phase
  std::uint64_t seed = 0;                    // of this occurrence's own random choices
  std::vector<std::string> victims;          // sorted hosts; empty where it must be asked who leads when it starts
  std::string description;                   // one line: "n1 n3 | n2 n4 n5", "kill n2", "kill the leader"
  std::optional<std::uint32_t> ramp_step{};  // which of its ramp's values it has
  std::optional<Awaited> awaited{};

  // "200ms after leader-elected"; empty for one that starts at its time.
  std::string awaited_text() const;
};

// What a run will do, and when. The same experiment and seed give the same timeline, on any machine.
struct Timeline {
  std::uint64_t seed = 0;
  Duration warmup{};
  Duration faults{};
  Duration recover{};
  std::vector<std::string> hosts;     // n1 … nN, then the spares
  std::vector<PlannedFault> planned;  // by start

  Duration total() const { return warmup + faults + recover; }
};

// At most this many occurrences in one run; more are an error.
inline constexpr std::size_t kOccurrencesMax = 500;

// Draws every random choice from named streams of `seed`, so that adding a fault does not change the others.
// ERRORS: "file:line:column: what" for what the reader could not know: a shape impossible for these hosts, two
// occurrences of one fault that overlap, too many occurrences.
Result<Timeline> plan(const model::ExperimentFile& file, std::uint64_t seed);

}  // namespace fracas::controller
