#pragma once
#include <cstdint>
#include <vector>

#include "checker/models/problem.h"

// Words of a configuration: [0] = step << 1 | chained, [1] = state << 32 | write_step, [2…] = the set of slots whose
// calls took effect.
//   step        the return of the timeline that comes next
//   write_step  the last write took effect before return write_step-1; 0 = none. A pending write with
//               first_step < write_step may be placed right before that write, where nobody sees it.
//   chained     the last effect is only worth while if a compare-and-set or append builds on it
namespace fracas::checker {

using Configuration = std::vector<std::uint64_t>;

inline bool has(const std::uint64_t* c, std::uint32_t slot) {
  return (c[2 + slot / 64] >> (slot % 64) & 1) != 0;
}
inline void set(std::uint64_t* c, std::uint32_t slot) {
  c[2 + slot / 64] |= std::uint64_t{1} << (slot % 64);
}
inline void clear(std::uint64_t* c, std::uint32_t slot) {
  c[2 + slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
}
inline std::uint32_t step_of(const std::uint64_t* c) {
  return static_cast<std::uint32_t>(c[0] >> 1);
}
inline bool chained(const std::uint64_t* c) {
  return (c[0] & 1) != 0;
}
inline State state_of(const std::uint64_t* c) {
  return static_cast<State>(c[1] >> 32);
}
inline std::uint32_t write_step(const std::uint64_t* c) {
  return static_cast<std::uint32_t>(c[1]);
}
inline void set_state(std::uint64_t* c, State to) {
  c[1] = std::uint64_t{to} << 32 | write_step(c);
}
inline void set_write_step(std::uint64_t* c, std::uint32_t to) {
  c[1] = (c[1] & ~std::uint64_t{0xffffffffU}) | to;
}

}  // namespace fracas::checker
