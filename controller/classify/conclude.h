#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controller/classify/measure.h"

// From what the runs of a battery measured to what kind of system it is. Pure.
namespace fracas::controller::classify {

// What a side of a partition does with one kind of operation: answers at least 95%, at most 5%, or between.
enum class Behaviour : std::uint8_t { goes_on, in_part, refuses };
Behaviour behaviour_of(const Answers& answers);

// Under partition. Sources: E. Brewer, PODC 2000; S. Gilbert and N. Lynch, SIGACT News 33(2), 2002: available means
// that every side goes on answering, consistent that what is answered stays linearizable.
enum class Cap : std::uint8_t {
  consistent,  // CP: linearizable throughout, and a side refused
  available,   // AP: every side went on, and they diverged
  neither,     // a side refused, and still they diverged
  unclear,     // no partition acted, or nothing that it did shows
};

// Else, without a partition. Source: D. Abadi, Computer 45(2), 2012.
enum class Pacelc : std::uint8_t {
  consistency,  // EC: an answer waits for other members
  latency,      // EL: it does not
  unclear,
};

// One level's answers over all runs that count.
struct LevelSummary {
  std::string level;
  std::uint64_t held = 0, broken = 0, undecided = 0;  // runs
  std::optional<std::size_t> broken_by = {};          // index into the runs: the first that broke it
};

// One kind of operation, over the runs of one trial: medians of the runs' numbers.
struct TrialAccess {
  Answers answers;
  double p50_ms = 0, p99_ms = 0;
};

struct TrialSummary {
  Trial trial;
  unsigned runs = 0;  // that count
  std::uint64_t operations = 0;
  std::array<TrialAccess, 2> access;   // by Access
  std::vector<SideNumbers> sides;      // sums
  std::vector<std::string> strongest;  // levels that every run of it held, none of which another one implies
  std::vector<std::string> weakest;    // levels that some run broke, none of which implies another broken one
  std::string lacking;                 // why runs do not count, where some do not
};

// How long an operation waits for other members.
struct Wait {
  double p50_ms = 0;                  // without a fault
  std::optional<double> round_trips;  // between members, from how much a known delay adds
};

struct Classification {
  Cap cap = Cap::unclear;
  bool split_linearizable = false;  // in every trial that cuts the network
  Pacelc pacelc = Pacelc::unclear;
  std::array<Wait, 2> own;      // by Access
  std::array<Wait, 2> weakest;  // with the weakest options, where has_weakest
  bool has_weakest = false;
  std::vector<LevelSummary> levels;    // in the ladder's order
  std::vector<std::string> strongest;  // as in TrialSummary, over all runs
  std::vector<std::string> broken;     // the weakest that some run broke
  std::vector<TrialSummary> trials;    // in the battery's order
};

// `runs`: in the order they were played, of these trials.
Classification conclude(const Ladder& ladder, std::span<const Trial> trials, std::span<const Measured> runs);

}  // namespace fracas::controller::classify
