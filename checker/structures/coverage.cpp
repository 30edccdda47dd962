#include "checker/structures/coverage.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace fracas::checker {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

}  // namespace

Coverage::Coverage(std::size_t cells) : leaves_(std::bit_ceil(std::max<std::size_t>(cells, 1))), nodes_(2 * leaves_) {}

void Coverage::add(std::size_t first, std::size_t end, std::int32_t by) {
  if (first < end) add({1, 0, leaves_}, {first, end}, by);
}

void Coverage::add(const Subtree& tree, const Cells& cells, std::int32_t by) {
  Node& node = nodes_[tree.node];
  if (cells.first <= tree.low && tree.high <= cells.end) {
    node.own += by;
    node.least += by;
    return;
  }
  const std::size_t middle = (tree.low + tree.high) / 2;
  if (cells.first < middle) add({2 * tree.node, tree.low, middle}, cells, by);
  if (cells.end > middle) add({2 * tree.node + 1, middle, tree.high}, cells, by);
  node.least = node.own + std::min(nodes_[2 * tree.node].least, nodes_[2 * tree.node + 1].least);
}

std::size_t Coverage::first_free(std::size_t first, std::size_t end) const {
  return first < end ? std::min(find({1, 0, leaves_}, first, 0), end) : end;
}

std::size_t Coverage::find(const Subtree& tree, std::size_t first, std::int32_t above) const {
  if (tree.high <= first || nodes_[tree.node].least + above != 0) return leaves_;
  if (tree.high - tree.low == 1) return tree.low;
  const std::size_t middle = (tree.low + tree.high) / 2;
  above += nodes_[tree.node].own;
  const std::size_t left = find({2 * tree.node, tree.low, middle}, first, above);
  return left != leaves_ ? left : find({2 * tree.node + 1, middle, tree.high}, first, above);
}

RangeMaximum::RangeMaximum(std::size_t size)
    : leaves_(std::bit_ceil(std::max<std::size_t>(size, 1))), nodes_(2 * leaves_, kLeast) {}

void RangeMaximum::set(std::size_t index, std::int64_t value) {
  std::size_t node = index + leaves_;
  for (nodes_[node] = value; node > 1; node /= 2) nodes_[node / 2] = std::max(nodes_[node], nodes_[node ^ 1U]);
}

RangeMaximum::Greatest RangeMaximum::greatest(std::size_t first, std::size_t end) const {
  std::size_t best = 0;
  const auto consider = [&](std::size_t node) {
    if (best == 0 || nodes_[node] > nodes_[best]) best = node;
  };
  for (std::size_t low = first + leaves_, high = end + leaves_; low < high; low /= 2, high /= 2) {
    if (low % 2 == 1) consider(low++);
    if (high % 2 == 1) consider(--high);
  }
  if (best == 0) return {end, kLeast};
  while (best < leaves_) best = nodes_[2 * best] == nodes_[best] ? 2 * best : 2 * best + 1;
  return {best - leaves_, nodes_[best]};
}

}  // namespace fracas::checker
