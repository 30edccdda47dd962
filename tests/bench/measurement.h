#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// One row of a table of measurements, and how it is measured: in a process of its own, so that the memory is the
// row's alone.
namespace fracas::bench {

// Does the work once; returns what was wrong with its answer, empty when it was right.
using Work = std::function<std::string()>;

struct Case {
  std::string name;
  std::string rival;             // what the best other checker needs for the same, where one was measured
  std::optional<double> ms_max;  // the goals; nothing = the row is there for its number
  std::optional<double> mib_max;
  std::function<Work()> prepare;  // makes the input, unmeasured
  // Rows that differ in size only: what they have in common, and how many operations this one has. Empty = none.
  std::string family = {};
  std::int64_t operations = 0;
};

struct Measured {
  double ms = 0;      // of the wall clock, the fastest of at least three times
  double cpu_ms = 0;  // of all threads, the least of these times
  double mib = 0;     // the largest resident memory during the first time, the input and the program among it
  std::string wrong;  // what was wrong with an answer, or how the process ended
};

// Thread: one at a time, because it forks.
Measured measure(const Case& each);

}  // namespace fracas::bench
