#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "checker/invariants/quantiles.h"
#include "controller/classify/ladder.h"
#include "controller/classify/trials.h"
#include "controller/report/run_record.h"
#include "lib/base/result.h"

// What one run of a trial showed, in numbers.
namespace fracas::controller::classify {

enum class Access : std::uint8_t { read, update };  // whether an operation only looks

struct Answers {
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  // 1 when nothing was asked: nobody was turned away.
  double share() const { return asked == 0 ? 1 : static_cast<double>(answered) / static_cast<double>(asked); }
  Answers& operator+=(const Answers& other);
};

struct AccessNumbers {
  Answers answers;             // of the operations that began in the fault phase
  checker::Quantiles latency;  // of the answered ones among them
};

// What became of the operations of the clients on one side of a partition, when it had lasted half of its time: what a
// system does before it notices is not what it decides to do.
struct SideNumbers {
  std::vector<std::string> nodes;
  std::array<Answers, 2> answers;  // by Access
};

struct Measured {
  std::string trial;  // Trial::name
  std::uint64_t seed = 0;
  Outcome outcome = Outcome::could_not_run;
  std::string reason;                   // why it came out so
  std::uint64_t operations = 0;         // of the whole run
  std::array<AccessNumbers, 2> access;  // by Access
  std::vector<SideNumbers> sides;       // of trials that have sides
  std::vector<LevelFinding> levels;     // empty where the run judged nothing

  // Whether what it did counts: it ran to its end, and every fault acted.
  bool counts() const {
    return outcome == Outcome::pass || outcome == Outcome::violated || outcome == Outcome::undecided;
  }
};

// ERRORS: the history is malformed, or not one of the ladder's.
Result<Measured> measure(const Trial& trial, const Ladder& ladder, const RunRecord& record);

}  // namespace fracas::controller::classify
