#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace fracas::checker {

// What a node has on its disk at an index.
struct LogEntry {
  std::uint64_t entry_term = 0;
  std::uint64_t hash = 0;  // chain hash of the log up to and including it
  bool known = false;      // false: there is an entry, but no event said which
  bool operator==(const LogEntry&) const = default;
};

// A node's log as its events tell it. Indexes count from 1; those up to `base` were replaced by a snapshot.
class RaftLog {
 public:
  std::uint64_t base() const { return base_; }
  std::uint64_t last() const { return base_ + entries_.size(); }

  // Nothing when the index is under the snapshot or past the end.
  std::optional<LogEntry> at(std::uint64_t index) const {
    if (index <= base_ || index > last()) return std::nullopt;
    return entries_[static_cast<std::size_t>(index - base_ - 1)];
  }
  // Cuts off what is at `index` and after; a gap before it becomes unknown entries. Ignored under the snapshot.
  void append(std::uint64_t index, const LogEntry& entry) {
    if (index <= base_) return;
    entries_.resize(static_cast<std::size_t>(index - base_ - 1));
    entries_.push_back(entry);
  }
  // Makes `index` the last one: drops what is after, fills up with unknown entries.
  void set_last(std::uint64_t index) {
    if (index < base_) base_ = index;
    entries_.resize(static_cast<std::size_t>(index - base_));
  }
  void snapshot(std::uint64_t index) {
    if (index <= base_) return;
    const auto dropped = static_cast<std::ptrdiff_t>(std::min(index, last()) - base_);
    entries_.erase(entries_.begin(), entries_.begin() + dropped);
    base_ = index;
  }

 private:
  std::uint64_t base_ = 0;
  std::vector<LogEntry> entries_;
};

}  // namespace fracas::checker
