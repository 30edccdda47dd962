#pragma once
#include <cstdlib>

namespace fracas::test {

// How many times longer a test waits than on a real processor: those of tests/vm are emulated, and pause at will.
inline int slowness() {
  return std::getenv("FRACAS_VM") == nullptr ? 1 : 5;
}

}  // namespace fracas::test
