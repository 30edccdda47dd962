#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/streaming/stream.h"
#include "lib/model/history.h"

namespace fracas::model {
class CheckSpec;
class Experiment;
}  // namespace fracas::model

namespace fracas::controller {

// The linearizable check of an experiment while its history grows. Registers are followed operation by operation
// (checker/streaming/stream.h); the histories of all other workloads are checked again from the beginning each time
// that they are a quarter longer. Pure. Thread: one at a time.
class LiveCheck {
 public:
  // Nothing where the experiment has no linearizable check. Borrows the experiment.
  static std::unique_ptr<LiveCheck> of(const model::Experiment& experiment);

  // What is new since the last call. A history that breaks its own rules is followed no further; the check at the end
  // says why.
  void follow(std::span<const model::Event> events);
  std::size_t events() const { return events_; }  // followed so far

  bool violated() const { return !sentence_.empty(); }
  const std::string& sentence() const { return sentence_; }  // what went wrong; empty = nothing so far
  // For people, of what was looked at so far: "all fits", "violated", "3 keys undecided".
  std::string words() const;

 private:
  void check_again(std::span<const model::Event> events);
  void follow_registers(std::span<const model::Event> events);

  const model::Experiment* experiment_ = nullptr;
  const model::CheckSpec* spec_ = nullptr;
  std::optional<checker::Stream> stream_;  // registers only
  std::vector<model::Event> history_;      // of other workloads
  std::size_t check_at_ = 0;               // look again when it has so many events
  std::size_t events_ = 0;
  bool lost_ = false;
  std::string sentence_;
};

}  // namespace fracas::controller
