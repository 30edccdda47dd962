#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

#include "checker/isolation/views.h"
#include "tests/unit/checker/isolation/every_order.h"

// The levels up to causal consistency by their axioms, tried on every total order of the transactions: an order that
// contains reads (and sessions), in which whoever sees T2 and reads a key that T2 wrote from T1 has T2 before T1.
// Source: Biswas and Enea (2019), figure 2.
namespace fracas::checker::tests {

class EveryView {
 public:
  // REQUIRES: registers, every value written once to its key, no failed transactions that are read from.
  explicit EveryView(const History& history) : all_(small_transactions(history)) {
    std::vector<bool> counts(all_.size());
    for (std::size_t i = 0; i < all_.size(); ++i) counts[i] = all_[i].required;
    for (const auto& reader : all_)
      for (const auto& step : reader.steps)
        if (reader.required && !step.write && writer_of(step) < all_.size()) counts[writer_of(step)] = true;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (counts[i]) order_.push_back(i);
  }

  bool holds(isolation::View view, bool sessions) {
    sessions_ = sessions || view == isolation::View::causal;
    see(view);
    std::sort(order_.begin(), order_.end());
    do {
      if (fits()) return true;
    } while (std::next_permutation(order_.begin(), order_.end()));
    return false;
  }

 private:
  struct Read {
    std::size_t reader, step, from;  // from = all_.size(): the initial value
    Value key;
  };

  std::size_t writer_of(const SmallTransaction::Step& read) const {
    for (std::size_t i = 0; i < all_.size(); ++i)
      for (const auto& step : all_[i].steps)
        if (step.write && step.key == read.key && step.value == read.value) return i;
    return all_.size();
  }
  bool writes(std::size_t transaction, Value key) const {
    const auto& steps = all_[transaction].steps;
    return std::any_of(steps.begin(), steps.end(), [&](const auto& step) { return step.write && step.key == key; });
  }
  bool session_before(std::size_t a, std::size_t b) const {
    return all_[a].process == all_[b].process && all_[a].return_ns <= all_[b].invoke_ns;
  }

  // Fills reads_ and, for each of them, the transactions that it demands to come before its writer.
  void see(isolation::View view) {
    reads_.clear();
    for (const std::size_t t : order_) {
      if (!all_[t].required) continue;
      for (std::size_t i = 0; i < all_[t].steps.size(); ++i) {
        const auto& step = all_[t].steps[i];
        const auto own = [&](const auto& other) { return other.write && other.key == step.key; };
        const auto end = all_[t].steps.begin() + static_cast<std::ptrdiff_t>(i);
        if (step.write || std::any_of(all_[t].steps.begin(), end, own)) continue;
        const std::size_t from = writer_of(step);
        if (from != t) reads_.push_back({t, i, from, step.key});
      }
    }
    const std::size_t size = all_.size();
    std::vector<std::vector<bool>> past(size, std::vector<bool>(size, false));
    for (const std::size_t a : order_)
      for (const std::size_t b : order_)
        past[a][b] = session_before(a, b) && sessions_ && view != isolation::View::monotonic;
    if (view != isolation::View::monotonic)
      for (const Read& read : reads_)
        if (read.from < size) past[read.from][read.reader] = true;
    if (view == isolation::View::causal)
      for (std::size_t k = 0; k < size; ++k)
        for (std::size_t a = 0; a < size; ++a)
          for (std::size_t b = 0; b < size; ++b) past[a][b] = past[a][b] || (past[a][k] && past[k][b]);
    demands_.clear();
    for (const Read& read : reads_)
      for (const std::size_t other : order_) {
        if (other == read.from || other == read.reader || !writes(other, read.key)) continue;
        bool seen = past[other][read.reader];
        for (const Read& earlier : reads_)
          seen = seen || (view == isolation::View::monotonic && earlier.reader == read.reader &&
                          earlier.step < read.step && earlier.from == other);
        if (seen) demands_.emplace_back(other, read.from);
      }
  }

  bool fits() const {
    std::vector<std::size_t> place(all_.size() + 1, 0);  // the initial value comes first
    for (std::size_t i = 0; i < order_.size(); ++i) place[order_[i]] = i + 1;
    for (const Read& read : reads_)
      if (place[read.from] >= place[read.reader]) return false;
    for (const auto& [before, after] : demands_)
      if (place[before] >= place[after]) return false;
    for (const std::size_t a : order_)
      for (const std::size_t b : order_)
        if (sessions_ && session_before(a, b) && place[a] >= place[b]) return false;
    return true;
  }

  std::vector<SmallTransaction> all_;
  std::vector<std::size_t> order_;
  bool sessions_ = false;
  std::vector<Read> reads_;
  std::vector<std::pair<std::size_t, std::size_t>> demands_;
};

}  // namespace fracas::checker::tests
