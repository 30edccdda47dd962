#pragma once
#include <cstdint>

namespace fracas::checker {

// What a failed compare-and-set (or any conditional operation) means. Histories of Knossos mean the first, those of
// Porcupine and etcd the second.
enum class FailMeans : std::uint8_t {
  did_not_happen,  // the operation constrains nothing
  mismatch,        // the operation took place and saw that its condition does not hold
};

}  // namespace fracas::checker
