#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace fracas::node {

// What one step of a store's state machine wants done. The shell must do the effects in their order; then write the
// records in their order. Once a record is safe on the disk it tells the state machine, with `sequence`; several
// outputs' records may share one fsync. Whatever may only happen after a write is held back inside the state machine
// and comes out of the step that learns of it.
template <typename Effect, typename Record>
struct StepOutput {
  std::vector<Effect> effects;
  std::vector<Record> persist;
  std::uint64_t sequence = 0;  // of the last record handed out so far, in this output or an earlier one
};

// Collects one step's output and holds effects back until the records written before them are on the disk.
template <typename Effect, typename Record>
class Outbox {
 public:
  void persist(Record&& record) {
    ++sequence_;
    ready_.persist.push_back(std::move(record));
  }
  // Comes out when every record persisted so far is on the disk, in the order of these calls.
  // Out of line: where it is not, GCC 12 takes the other alternatives of an effect for used and not set.
  template <typename One>
  [[gnu::noinline]] void after_disk(One&& effect) {
    // Nothing held back and everything written: no need to wait.
    if (held_.empty() && persisted_ == sequence_) {
      release(std::forward<One>(effect));
    } else {
      held_.emplace_back(sequence_, std::forward<One>(effect));
    }
  }
  // A message that promises nothing about the disk: comes out at once, but never before the effects that were there at
  // the last `barrier`.
  template <typename One>
  [[gnu::noinline]] void at_once(One&& effect) {
    if (persisted_ >= barrier_) {
      release(std::forward<One>(effect));
    } else {
      after_disk(std::forward<One>(effect));
    }
  }
  void barrier() { barrier_ = sequence_; }

  void persisted(std::uint64_t sequence) {
    persisted_ = std::max(persisted_, std::min(sequence, sequence_));
    while (!held_.empty() && held_.front().sequence <= persisted_) {
      release(std::move(held_.front().effect));
      held_.pop_front();
    }
  }
  std::uint64_t sequence() const { return sequence_; }
  StepOutput<Effect, Record> take() {
    ready_.sequence = sequence_;
    return std::exchange(ready_, {});
  }

 private:
  // Steps that have an effect mostly have several.
  template <typename One>
  void release(One&& effect) {
    constexpr std::size_t kUsual = 8;
    if (ready_.effects.capacity() == 0) ready_.effects.reserve(kUsual);
    ready_.effects.emplace_back(std::forward<One>(effect));
  }

  // Made in its place: see after_disk.
  struct Held {
    template <typename One>
    Held(std::uint64_t sequence_of, One&& one) : sequence(sequence_of), effect(std::forward<One>(one)) {}
    std::uint64_t sequence;
    Effect effect;
  };
  std::deque<Held> held_;
  StepOutput<Effect, Record> ready_;
  std::uint64_t sequence_ = 0;   // of the newest record
  std::uint64_t persisted_ = 0;  // of the newest record on the disk
  std::uint64_t barrier_ = 0;
};

}  // namespace fracas::node
