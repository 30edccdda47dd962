#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace fracas::checker {

// A set of equally long rows of words, each numbered by the order of insertion: an open-addressing table over rows in a
// few large blocks, because a search holds millions of rows and an allocation for each would cost more than its work.
// Growing moves no rows, so it needs no more memory than it ends with.
class ConfigurationSet {
 public:
  // `stride`: words a row, at least 1.
  explicit ConfigurationSet(std::size_t stride) : stride_(stride), table_(64, kEmpty) {}

  std::size_t size() const { return count_; }
  std::size_t bytes() const { return rows_bytes_ + table_.size() * sizeof(std::uint32_t); }
  // The same, and what the next few insertions will add.
  std::size_t bytes_soon() const {
    const bool table_grows = 2 * (count_ + kAhead) > table_.size();
    const bool rows_grow = count_ + kAhead > blocks_.size() * kBlockRows;
    return rows_bytes_ + (rows_grow && !blocks_.empty() ? block_bytes() : 0) +
           table_.size() * sizeof(std::uint32_t) * (table_grows ? 2 : 1);
  }
  // Valid until the next insert or clear.
  const std::uint64_t* row(std::uint32_t number) const {
    return blocks_[number / kBlockRows].data() + number % kBlockRows * stride_;
  }

  // The row's number, and whether it is new. REQUIRES: row points at `stride` words outside this set, size() < 2^32-1.
  std::pair<std::uint32_t, bool> insert(const std::uint64_t* row) {
    if (2 * (count_ + 1) > table_.size()) grow();
    const std::size_t mask = table_.size() - 1;
    for (std::size_t at = hash(row) & mask;; at = (at + 1) & mask) {
      if (table_[at] == kEmpty) {
        table_[at] = count_;
        std::memcpy(place_for(count_), row, stride_ * sizeof(std::uint64_t));
        return {count_++, true};
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
    count_ = 0;
    table_.assign(table_.size(), kEmpty);
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffffU;
  static constexpr std::uint32_t kBlockRows = 4096;
  static constexpr std::size_t kAhead = 64;

  std::size_t block_bytes() const { return kBlockRows * stride_ * sizeof(std::uint64_t); }

  // Room for the row of this number, which comes next. The first block grows as it fills, for small sets.
  std::uint64_t* place_for(std::uint32_t number) {
    const std::size_t block = number / kBlockRows, end = (number % kBlockRows + std::size_t{1}) * stride_;
    if (block == blocks_.size()) {
      blocks_.emplace_back();
      if (block > 0) rows_bytes_ += resize(blocks_.back(), kBlockRows * stride_);
    }
    if (blocks_[block].size() < end) rows_bytes_ += resize(blocks_[block], std::min(2 * end, kBlockRows * stride_));
    return blocks_[block].data() + (end - stride_);
  }
  static std::size_t resize(std::vector<std::uint64_t>& block, std::size_t words) {
    const std::size_t before = block.size();
    block.resize(words);
    return (words - before) * sizeof(std::uint64_t);
  }

  std::size_t hash(const std::uint64_t* row) const {
    std::uint64_t h = 0x9e3779b97f4a7c15U;
    for (std::size_t i = 0; i < stride_; ++i) {
      h = (h ^ row[i]) * 0xff51afd7ed558ccdU;
      h ^= h >> 32;
    }
    return static_cast<std::size_t>(h);
  }

  void grow() {
    const std::size_t slots = 2 * table_.size();
    table_ = {};  // before the larger one is made
    table_.resize(slots, kEmpty);
    for (std::uint32_t number = 0; number < count_; ++number) {
      std::size_t at = hash(row(number)) & (slots - 1);
      while (table_[at] != kEmpty) at = (at + 1) & (slots - 1);
      table_[at] = number;
    }
  }

  std::size_t stride_;
  std::vector<std::vector<std::uint64_t>> blocks_;
  std::size_t rows_bytes_ = 0;
  std::vector<std::uint32_t> table_;
  std::uint32_t count_ = 0;
};

}  // namespace fracas::checker
