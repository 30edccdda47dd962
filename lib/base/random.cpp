#include "lib/base/random.h"

#include <bit>
#include <cmath>

#include "lib/base/ensure.h"

namespace fracas {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// FNV-1a, 64 bits: tells stream names apart.
std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  std::uint64_t mixed = seed;
  mixed = splitmix64(mixed) ^ hash_name(name);
  for (auto& word : state_) word = splitmix64(mixed);
}

std::uint64_t RandomStream::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  ensure(bound > 0, "below() needs a positive bound");
  const std::uint64_t threshold = (0 - bound) % bound;  // values under it would be drawn once too often
  for (;;) {
    const std::uint64_t value = next();
    if (value >= threshold) return value % bound;
  }
}

double RandomStream::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double RandomStream::exponential(double mean) {
  return -mean * std::log1p(-unit());
}

}  // namespace fracas
