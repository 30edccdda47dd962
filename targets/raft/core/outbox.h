#pragma once
#include <cstdint>
#include <deque>

#include "targets/raft/core/output.h"

namespace fracas::raft {

// Collects one step's output and holds effects back until the records written before them are on the disk.
class Outbox {
 public:
  void persist(Record record);
  // Comes out when every record persisted so far is on the disk, in the order of these calls.
  void after_disk(Effect effect);
  // A message that promises nothing about the disk (a leader's entries): comes out at once, but never before the
  // events that were there at the last `barrier`.
  void at_once(Send send);
  void barrier() { barrier_ = sequence_; }

  void persisted(std::uint64_t sequence);
  std::uint64_t sequence() const { return sequence_; }
  Output take();

 private:
  struct Held {
    std::uint64_t sequence = 0;
    Effect effect;
  };
  std::deque<Held> held_;
  Output ready_;
  std::uint64_t sequence_ = 0;   // of the newest record
  std::uint64_t persisted_ = 0;  // of the newest record on the disk
  std::uint64_t barrier_ = 0;
};

}  // namespace fracas::raft
