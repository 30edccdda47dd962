#pragma once
#include <cstdint>
#include <string>

#include "checker/history/history.h"

// Histories as a store would leave them behind, made from a seed: the clients of one store, each busy nearly all the
// time, whose operations take effect at some moment between their invocation and their return.
namespace fracas::bench {

struct Workload {
  std::int64_t operations = 10'000;
  std::int64_t keys = 1;
  std::int64_t clients = 10;
  enum class Kind : std::uint8_t {
    unique_writes,  // half reads, half writes of values never written before
    cas,            // reads, writes and compare-and-sets by thirds, of the values 0 to 4
    texts,          // appends, gets and a few puts of texts
  } kind = Kind::unique_writes;
  double info = 0;          // of the operations that change something: answered with "outcome unknown"
  double falsify = 0;       // of the reads: answered with another value
  double falsify_from = 0;  // the share of the history that passes before the first false answer
  std::uint64_t seed = 1;
};

// The same workload gives the same history on every machine. Linearizable where `falsify` is 0; a failed cas is one
// that saw a mismatch.
checker::History simulate(const Workload& workload);

// The history as JSON lines. REQUIRES: it is one of simulate()'s, with reads and writes of integers, all answered.
std::string json_lines(const checker::History& history);

}  // namespace fracas::bench
