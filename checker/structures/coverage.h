#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fracas::checker {

// A row of cells and how many intervals cover each; finds uncovered ones. Each operation takes O(log n).
class Coverage {
 public:
  explicit Coverage(std::size_t cells);
  // Adds `by` to the cells of [first, end).
  void add(std::size_t first, std::size_t end, std::int32_t by);
  // The first cell of [first, end) that nothing covers; `end` where there is none.
  std::size_t first_free(std::size_t first, std::size_t end) const;

 private:
  struct Node {
    std::int32_t least = 0;  // below this node, `own` included
    std::int32_t own = 0;    // of every cell below
  };
  struct Subtree {
    std::size_t node = 1, low = 0, high = 0;  // its cells are [low, high)
  };
  struct Cells {
    std::size_t first = 0, end = 0;
  };
  void add(const Subtree& tree, const Cells& cells, std::int32_t by);
  std::size_t find(const Subtree& tree, std::size_t first, std::int32_t above) const;

  std::size_t leaves_ = 1;
  std::vector<Node> nodes_;
};

// The greatest of a range of numbers, which may change.
class RangeMaximum {
 public:
  explicit RangeMaximum(std::size_t size);
  void set(std::size_t index, std::int64_t value);
  // The index of a greatest number in [first, end), and the number; its least possible value where the range is empty.
  struct Greatest {
    std::size_t index = 0;
    std::int64_t value = 0;
  };
  Greatest greatest(std::size_t first, std::size_t end) const;

 private:
  std::size_t leaves_ = 1;
  std::vector<std::int64_t> nodes_;
};

}  // namespace fracas::checker
