#include "checker/linearizability/dominance.h"

#include <algorithm>
#include <bit>

namespace fracas::checker {
namespace {

constexpr std::size_t kComparedMax = 64;  // configurations of one group that each is compared with

class Comparison {
 public:
  Comparison(const std::vector<std::uint64_t>& layer, std::size_t words,
             const std::vector<std::uint64_t>& optional_slots)
      : layer_(layer), words_(words), optional_slots_(optional_slots) {}

  const std::uint64_t* row(std::uint32_t number) const { return layer_.data() + number * words_; }
  std::uint64_t required(const std::uint64_t* c, std::size_t word) const {
    return c[2 + word] & ~optional_slots_[word];
  }
  static std::uint64_t state(const std::uint64_t* c) { return c[1] >> 32; }
  static std::uint32_t write_step(const std::uint64_t* c) { return static_cast<std::uint32_t>(c[1]); }

  bool same_group(const std::uint64_t* a, const std::uint64_t* b) const {
    if (state(a) != state(b)) return false;
    for (std::size_t i = 0; i + 2 < words_; ++i)
      if (required(a, i) != required(b, i)) return false;
    return true;
  }

  // Groups together, and within one those first that may dominate others.
  bool operator()(std::uint32_t left, std::uint32_t right) const {
    const auto* a = row(left);
    const auto* b = row(right);
    if (state(a) != state(b)) return state(a) < state(b);
    for (std::size_t i = 0; i + 2 < words_; ++i)
      if (required(a, i) != required(b, i)) return required(a, i) < required(b, i);
    if (write_step(a) != write_step(b)) return write_step(a) > write_step(b);
    const int spent_a = spent(a), spent_b = spent(b);
    return spent_a != spent_b ? spent_a < spent_b : left < right;
  }

  bool dominates(const std::uint64_t* a, const std::uint64_t* b) const {
    if (write_step(a) < write_step(b)) return false;
    for (std::size_t i = 0; i + 2 < words_; ++i)
      if ((a[2 + i] & optional_slots_[i] & ~b[2 + i]) != 0) return false;
    return true;
  }

 private:
  int spent(const std::uint64_t* c) const {
    int count = 0;
    for (std::size_t i = 0; i + 2 < words_; ++i) count += std::popcount(c[2 + i] & optional_slots_[i]);
    return count;
  }

  const std::vector<std::uint64_t>& layer_;
  std::size_t words_;
  const std::vector<std::uint64_t>& optional_slots_;
};

}  // namespace

void drop_dominated(std::vector<std::uint64_t>& layer, std::size_t words,
                    const std::vector<std::uint64_t>& optional_slots) {
  const Comparison compare(layer, words, optional_slots);
  std::vector<std::uint32_t> order(layer.size() / words);
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), compare);
  std::vector<std::uint32_t> kept;
  std::size_t group = 0;  // where the current group begins in `kept`
  for (const std::uint32_t number : order) {
    const std::uint64_t* row = compare.row(number);
    if (group < kept.size() && !compare.same_group(compare.row(kept[group]), row)) group = kept.size();
    const std::size_t end = std::min(kept.size(), group + kComparedMax);
    bool dominated = false;
    for (std::size_t i = group; i < end && !dominated; ++i) dominated = compare.dominates(compare.row(kept[i]), row);
    if (!dominated) kept.push_back(number);
  }
  std::vector<std::uint64_t> survivors;
  survivors.reserve(kept.size() * words);
  for (const std::uint32_t number : kept)
    survivors.insert(survivors.end(), compare.row(number), compare.row(number) + words);
  layer = std::move(survivors);
}

}  // namespace fracas::checker
