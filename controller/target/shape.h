#pragma once
#include <cstdint>

namespace fracas::model {
class Workload;
}

namespace fracas::controller {

// What stands behind a workload's keys: stores with more than one type of value keep and read each in a way of its own.
enum class Shape : std::uint8_t {
  single,   // a number: register, cas-register
  list,     // numbers in order: append
  set,      // numbers: set
  counter,  // a sum
  queue,
  other,  // transactions, banks, unique ids
};

Shape shape_of(const model::Workload& workload);

}  // namespace fracas::controller
