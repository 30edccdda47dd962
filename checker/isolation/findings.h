#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checker/isolation/levels.h"

namespace fracas::checker::isolation {

// One anomaly that was seen, without a cycle.
struct Sighting {
  AnomalyKind kind = AnomalyKind::internal;
  std::string sentence;                     // with {0}, {1}, … for the names of the transactions
  std::vector<std::uint32_t> transactions;  // that take part
};

// Keeps the first few of each kind and counts the rest.
class Sightings {
 public:
  static constexpr std::uint64_t kKept = 4;

  // `describe` makes the Sighting; it is not called for those that are only counted.
  template <typename Describe>
  void add(AnomalyKind kind, const Describe& describe) {
    if (++counts_[kind] <= kKept) kept_.push_back(describe());
  }
  const std::vector<Sighting>& kept() const { return kept_; }
  const std::map<AnomalyKind, std::uint64_t>& counts() const { return counts_; }

 private:
  std::vector<Sighting> kept_;
  std::map<AnomalyKind, std::uint64_t> counts_;
};

}  // namespace fracas::checker::isolation
