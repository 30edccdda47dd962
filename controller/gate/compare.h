#pragma once
#include <span>
#include <string>

#include "controller/gate/measured.h"

// Whether a metric got worse since the baseline, from several runs of each and not from one number.
namespace fracas::controller {

enum class Change : std::uint8_t {
  none,       // not worse by as much as matters, or no baseline
  worse,      // worse by as much as matters, and chance does not explain it
  undecided,  // worse by as much as matters, but so few runs may be so by chance
};

struct CompareOptions {
  double alpha = 0.05;      // how often chance alone may be called worse, in (0, 1)
  double tolerance = 0.10;  // relative change of a median that does not matter; of ok_rate a tenth of it, absolute
};

struct Comparison {
  Metric metric = Metric::ok_rate;
  Change change = Change::none;
  double before = 0;  // medians
  double now = 0;
  double probability = 1;  // that chance alone gives a difference as large (one-sided Mann-Whitney test)
  std::size_t runs_before = 0;
  std::size_t runs_now = 0;

  // "latency_p99_ms 12.1 -> 19.8 (+64 %), p = 0.018 of 5 and 3 runs".
  std::string text() const;
};

// REQUIRES: both have at least one value.
Comparison compare(Metric metric, std::span<const double> before, std::span<const double> now,
                   const CompareOptions& options);

// The exact probability that of n + m values, all orders being equally likely, the second kind ranks as high as it does
// or higher: ties count as half. Source: Mann and Whitney (1947). Time: O(n² m²) at most; n and m up to some 50.
double rank_probability(std::span<const double> before, std::span<const double> now);

}  // namespace fracas::controller
