#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/line/frame.h"

namespace fracas::agent {

// Frames ordered by when they are due; frames due at the same time leave in the order they came. A binary heap: O(log
// n) each way, exact to the nanosecond at any distance. Only places move in it; the frames stay where they are.
class ReleaseQueue {
 public:
  void push(std::int64_t due_ns, Frame frame);
  // When the first one is due.
  std::optional<std::int64_t> next_due_ns() const;
  // The first one, if it is due by then.
  std::optional<Frame> pop(std::int64_t now_ns);
  bool empty() const { return heap_.empty(); }

 private:
  struct Entry {
    std::int64_t due_ns;
    std::uint64_t sequence;
    std::size_t place;  // in frames_
  };
  static bool later(const Entry& a, const Entry& b);

  std::vector<Entry> heap_;
  std::vector<Frame> frames_;
  std::vector<std::size_t> free_;  // places in frames_
  std::uint64_t pushed_ = 0;
};

}  // namespace fracas::agent
