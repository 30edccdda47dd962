#include "agent/line/jitter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fracas::agent {
namespace {

constexpr double kNormalReach = 4;   // standard deviations
constexpr double kParetoReach = 20;  // jitters
constexpr double kParetoShape = 3;
// Of the Pareto distribution with that shape and the least value 1.
constexpr double kParetoMean = 1.5;
const double kParetoDeviation = std::sqrt(0.75);

// Share of the normal distribution above x.
double above(double x) {
  return std::erfc(x / std::numbers::sqrt2) / 2;
}

// In jitters.
double shaped(NetSpread spread, double normal) {
  switch (spread) {
    case NetSpread::uniform:
      return 1 - 2 * above(normal);
    case NetSpread::normal:
      return std::clamp(normal, -kNormalReach, kNormalReach);
    case NetSpread::pareto:
      return std::min((std::pow(above(normal), -1 / kParetoShape) - kParetoMean) / kParetoDeviation, kParetoReach);
  }
  return 0;
}

double reach_of(NetSpread spread) {
  return spread == NetSpread::uniform ? 1 : spread == NetSpread::normal ? kNormalReach : kParetoReach;
}

}  // namespace

Jitter::Jitter(const LineRule& rule) : rule_(rule), random_(rule.seed, "net.delay jitter") {
  last_ = next_normal();
}

// Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
double Jitter::next_normal() {
  const double radius = std::sqrt(-2 * std::log(1 - random_.unit()));
  return radius * std::cos(2 * std::numbers::pi * random_.unit());
}

std::int64_t Jitter::next_ns() {
  if (rule_.jitter == Duration::zero()) return 0;
  last_ = rule_.correlation * last_ + std::sqrt(1 - rule_.correlation * rule_.correlation) * next_normal();
  const double offset = shaped(rule_.spread, last_) * static_cast<double>(rule_.jitter.count());
  return std::max(std::llround(offset), static_cast<long long>(-rule_.delay.count()));
}

std::int64_t Jitter::reach_ns(const LineRule& rule) {
  return std::llround(reach_of(rule.spread) * static_cast<double>(rule.jitter.count()));
}

}  // namespace fracas::agent
