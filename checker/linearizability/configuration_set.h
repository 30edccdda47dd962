#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace fracas::checker {

// A set of equally long rows of words, each numbered by the order of insertion: an open-addressing table over one
// flat array, because a search holds millions of rows and an allocation for each would cost more than its work.
class ConfigurationSet {
 public:
  // `stride`: words a row, at least 1.
  explicit ConfigurationSet(std::size_t stride) : stride_(stride), table_(64, kEmpty) {}

  std::size_t size() const { return rows_.size() / stride_; }
  std::size_t bytes() const {
    return rows_.capacity() * sizeof(std::uint64_t) + table_.capacity() * sizeof(std::uint32_t);
  }
  // Valid until the next insert or clear.
  const std::uint64_t* row(std::uint32_t number) const { return rows_.data() + number * stride_; }

  // The row's number, and whether it is new. REQUIRES: row points at `stride` words outside this set, size() < 2^32-1.
  std::pair<std::uint32_t, bool> insert(const std::uint64_t* row) {
    if (2 * (size() + 1) > table_.size()) grow();
    const std::size_t mask = table_.size() - 1;
    for (std::size_t at = hash(row) & mask;; at = (at + 1) & mask) {
      if (table_[at] == kEmpty) {
        table_[at] = static_cast<std::uint32_t>(size());
        rows_.insert(rows_.end(), row, row + stride_);
        return {table_[at], true};
      }
      if (std::memcmp(this->row(table_[at]), row, stride_ * sizeof(std::uint64_t)) == 0) return {table_[at], false};
    }
  }

  // Keeps the memory unless it is much more than was used.
  void clear() {
    if (table_.size() > 1024 && table_.size() > 16 * (size() + 1)) {
      *this = ConfigurationSet(stride_);
      return;
    }
    rows_.clear();
    table_.assign(table_.size(), kEmpty);
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffffU;

  std::size_t hash(const std::uint64_t* row) const {
    std::uint64_t h = 0x9e3779b97f4a7c15U;
    for (std::size_t i = 0; i < stride_; ++i) {
      h = (h ^ row[i]) * 0xff51afd7ed558ccdU;
      h ^= h >> 32;
    }
    return static_cast<std::size_t>(h);
  }

  void grow() {
    table_.assign(2 * table_.size(), kEmpty);
    const std::size_t mask = table_.size() - 1;
    for (std::size_t number = 0; number < size(); ++number) {
      std::size_t at = hash(row(static_cast<std::uint32_t>(number))) & mask;
      while (table_[at] != kEmpty) at = (at + 1) & mask;
      table_[at] = static_cast<std::uint32_t>(number);
    }
  }

  std::size_t stride_;
  std::vector<std::uint64_t> rows_;
  std::vector<std::uint32_t> table_;
};

}  // namespace fracas::checker
