#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace fracas {

// A named stream of random numbers drawn from an experiment's one seed. Two streams with different names are
// independent, so a new consumer does not disturb the others; the same seed and name give the same numbers on
// every machine. Fits the standard library's UniformRandomBitGenerator, but use the members below where results
// must not depend on the library: std::*_distribution may differ between implementations.
// Source: Blackman and Vigna, xoshiro256**, https://prng.di.unimi.it; seeded by splitmix64 as its authors advise.
class RandomStream {
 public:
  using result_type = std::uint64_t;

  RandomStream(std::uint64_t seed, std::string_view name);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return next(); }

  std::uint64_t next();
  // In [0, bound), without bias. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // In [0, 1), 53 bits.
  double unit();
  // Exponentially distributed with the given mean, >= 0: the gaps of a Poisson process.
  double exponential(double mean);
  // True with the given probability in [0, 1].
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_[4];
};

// Shuffles in place (Fisher-Yates). Works on anything with size() and operator[].
template <typename Sequence>
void shuffle(Sequence& sequence, RandomStream& random) {
  for (std::size_t i = sequence.size(); i > 1; --i) {
    using std::swap;
    swap(sequence[i - 1], sequence[static_cast<std::size_t>(random.below(i))]);
  }
}

}  // namespace fracas
