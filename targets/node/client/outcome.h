#pragma once
#include <cstdint>

namespace fracas::node {

// What became of a client's call.
enum class Outcome : std::uint8_t {
  ok,
  fail,           // certainly took no effect, now or later
  indeterminate,  // unknown: it may take effect now, at any later moment, or never
};

}  // namespace fracas::node
