#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fracas::checker {

// Places moments on a line, in their order and at distances that grow with the logarithm of the time between them:
// what matters may be seconds apart and take microseconds. Lengths are pixels.
class TimeAxis {
 public:
  // `moments` in any order, at least one.
  TimeAxis(std::vector<std::int64_t> moments, double left);

  // At least so much room from one moment to a later one.
  void demand(std::int64_t from, std::int64_t to, double room);
  // After all demands. Where the last moment would be left of `end`, everything is drawn out until it is there.
  void settle(double end);

  // REQUIRES: settled; `at` is one of the moments.
  double x(std::int64_t at) const { return places_[index(at)]; }
  double end() const { return places_.back(); }
  const std::vector<std::int64_t>& moments() const { return moments_; }

 private:
  struct Demand {
    std::size_t from = 0, to = 0;
    double room = 0;
  };
  std::size_t index(std::int64_t at) const;

  std::vector<std::int64_t> moments_;
  std::vector<Demand> demands_;
  std::vector<double> places_;
  double left_;
};

}  // namespace fracas::checker
