#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/isolation/cycles.h"
#include "checker/isolation/observations.h"

// What must come before what if all transactions happened one after the other: known dependencies, and whatever follows
// from them and from who read from whom. Registers only: there versions may be unordered, and yet no order of all
// transactions fits. A circle refutes serializability; without one, nothing is shown. Source: Papadimitriou, "The
// Serializability of Concurrent Database Updates" (1979), section 4; Biswas and Enea (2019), section 4.
namespace fracas::checker::isolation {

// Why an order follows: `reader` saw `from`'s write to `key` (kNone: the initial value).
struct SerialReason {
  Dependency dependency = Dependency::ww;  // ww: it comes before what the reader saw; rw: it replaces that
  std::uint32_t reader = 0, key = 0, from = kNone;
};

class SerialOrders {
 public:
  // `known`: finished, with the order of processes and of time. REQUIRES: the arguments outlive it.
  SerialOrders(const Observations& observations, const Graph& known, Order order);

  // A circle from its first transaction on; empty: none; nothing: more than `bytes` would be needed.
  // Time: for each round, dependencies times transactions / 64, and reads times writers of their keys.
  std::optional<std::vector<CycleStep>> find_circle(std::size_t bytes);
  // Why a step of the circle is there; nothing for one that was known.
  const SerialReason* reason(std::uint32_t from, std::uint32_t to) const;

 private:
  struct Link {
    std::uint32_t from = 0;
    Dependency dependency = Dependency::ww;
  };
  using Row = std::span<const std::uint64_t>;

  bool compute_pasts();
  bool reach(std::uint32_t node);
  bool infer();
  bool infer_from(std::uint32_t reader, const Observation& seen);
  bool add(std::uint32_t from, std::uint32_t to, const SerialReason& reason);
  bool is_before(std::uint32_t earlier, std::uint32_t later) const {
    return (pasts_[std::size_t{later} * words_ + earlier / 64] >> (earlier % 64) & 1U) != 0;
  }

  const Observations& observations_;
  std::uint32_t transactions_ = 0, nodes_ = 0;
  std::size_t words_ = 0;
  std::vector<std::vector<Link>> links_;             // by node: what comes before it
  std::vector<std::vector<std::uint32_t>> writers_;  // by key
  std::vector<std::uint64_t> pasts_;                 // bits of transactions, a row a node; itself among them
  std::vector<std::uint8_t> states_;
  std::vector<CycleStep> circle_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, SerialReason> reasons_;
};

}  // namespace fracas::checker::isolation
