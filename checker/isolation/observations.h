#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "checker/isolation/transactions.h"

namespace fracas::checker::isolation {

// What one step of a transaction saw.
struct Observation {
  std::uint32_t key = kNone;   // index into Transactions::keys; kNone: an element on the way to a list's last one
  std::uint32_t from = kNone;  // the transaction whose write it saw; kNone: the initial value
};

// Who saw whom, without the values: all that the levels up to causal consistency depend on. Reads of values that nobody
// wrote, or whose writer failed, are left out; they are anomalies by themselves.
class Observations {
 public:
  // `initial`: what keys hold at the start, besides nil. REQUIRES: `transactions` outlives it.
  static Observations make(const Transactions& transactions, const WriteIndex& writes, Value initial);

  const Transactions& transactions() const { return *transactions_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(begin_.size() - 1); }
  // In the order of the transaction's steps; reads of what it wrote itself are not among them.
  std::span<const Observation> of(std::uint32_t transaction) const {
    return std::span(all_).subspan(begin_[transaction], begin_[transaction + 1] - begin_[transaction]);
  }
  // The keys that a transaction wrote, each once, ascending; none for one that failed, or that nobody saw and that had
  // no answer.
  std::span<const std::uint32_t> written(std::uint32_t transaction) const {
    return std::span(written_).subspan(written_begin_[transaction],
                                       written_begin_[transaction + 1] - written_begin_[transaction]);
  }
  bool writes(std::uint32_t transaction, std::uint32_t key) const;

 private:
  void add_observations(const WriteIndex& writes, Value initial);
  void add_elements(const WriteIndex& writes, const Micro& read);
  void add_written();

  const Transactions* transactions_ = nullptr;
  LargeVector<Observation> all_;
  LargeVector<std::uint32_t> begin_, written_, written_begin_;
  std::vector<bool> seen_;  // by transaction: someone read what it wrote
};

}  // namespace fracas::checker::isolation
