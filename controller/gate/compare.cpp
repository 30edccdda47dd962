#include "controller/gate/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "lib/base/ensure.h"
#include "lib/base/median.h"

namespace fracas::controller {
namespace {

// How many times twice the wins of `now` over `before` are at least what they are, over all orders without ties.
// counts[i][u]: orders of j values of the first and i of the second kind with u wins.
double share_at_least(std::size_t n, std::size_t m, double wins) {
  const std::size_t most = n * m;
  // By the number of the second kind, then wins; grown by one value of the first kind at a time.
  std::vector<std::vector<double>> counts(m + 1, std::vector<double>(most + 1, 0));
  for (std::size_t i = 0; i <= m; ++i) counts[i][0] = 1;
  for (std::size_t j = 1; j <= n; ++j) {
    std::vector<std::vector<double>> next(m + 1, std::vector<double>(most + 1, 0));
    for (std::size_t i = 0; i <= m; ++i) {
      for (std::size_t u = 0; u <= most; ++u) {
        // The largest value is one of the first kind, which wins nothing, or of the second, which beats all j.
        next[i][u] = counts[i][u];
        if (i > 0 && u >= j) next[i][u] += next[i - 1][u - j];
      }
    }
    counts = std::move(next);
  }
  double all = 0;
  double enough = 0;
  for (std::size_t u = 0; u <= most; ++u) {
    all += counts[m][u];
    if (static_cast<double>(u) >= wins) enough += counts[m][u];
  }
  return enough / all;
}

bool matters(Metric metric, double before, double now, double tolerance) {
  if (metric == Metric::ok_rate) return before - now > tolerance / 10;
  // Recovery and silence are measured to half a second and to the gap between two operations.
  constexpr double kTimeStep = 0.5;
  const bool in_steps = metric == Metric::recovery_s || metric == Metric::silence_s;
  if (in_steps && now - before <= kTimeStep) return false;
  return now > before * (1 + tolerance);
}

}  // namespace

double rank_probability(std::span<const double> before, std::span<const double> now) {
  double wins = 0;
  for (const double a : before)
    for (const double b : now) wins += b > a ? 1 : b == a ? 0.5 : 0;
  return share_at_least(before.size(), now.size(), wins);
}

Comparison compare(Metric metric, std::span<const double> before, std::span<const double> now,
                   const CompareOptions& options) {
  Comparison result{.metric = metric,
                    .before = median(before),
                    .now = median(now),
                    .runs_before = before.size(),
                    .runs_now = now.size()};
  // Of the ok-rate the smaller value is the worse one.
  result.probability = metric == Metric::ok_rate ? rank_probability(now, before) : rank_probability(before, now);
  if (!matters(metric, result.before, result.now, options.tolerance)) return result;
  result.change = result.probability <= options.alpha ? Change::worse : Change::undecided;
  return result;
}

std::string Comparison::text() const {
  const double percent = before == 0 ? 0 : (now - before) / before * 100;
  return fmt::format("{} {:.4g} -> {:.4g}{}, p = {:.3f} of {} and {} runs", name(metric), before, now,
                     before == 0 ? "" : fmt::format(" ({:+.0f} %)", percent), probability, runs_before, runs_now);
}

}  // namespace fracas::controller
