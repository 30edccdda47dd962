#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/plan/timeline.h"

// safety.victims_max: how many hosts faults may hit at once. Partitions and loss do not count: they act between hosts.
namespace fracas::controller {

bool counts_as_hit(const std::string& kind);

// The most hosts that may be hit at once.
std::size_t victims_max(const model::Experiment& experiment);

// Of the occurrences whose victims are known beforehand, the index of the first that brings the hosts hit at its start
// above `most`. Faults on "leader" and the like, and those that wait for an event, are counted when they
// start (Hits).
std::optional<std::size_t> first_above(const std::vector<PlannedFault>& planned, std::size_t most);

// The hosts hit right now. Not thread-safe.
class Hits {
 public:
  explicit Hits(std::size_t most) : most_(most) {}

  // Adds the victims of one occurrence, unless there would then be too many: then false, and nothing is added.
  bool add(const std::vector<std::string>& victims);
  void remove(const std::vector<std::string>& victims);

 private:
  std::size_t most_;
  std::map<std::string, int> hit_;  // host -> occurrences that hit it
};

}  // namespace fracas::controller
