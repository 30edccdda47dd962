#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "checker/isolation/sessions.h"

namespace fracas::checker::isolation {

// For each session, the place of its last transaction that counts; 0 = none.
using Clock = std::span<const std::uint32_t>;

enum class Walk : std::uint8_t { whole, cyclic, too_large };

// What came before each transaction over sessions and reads, as vector clocks. A clock is dropped as soon as all that
// follow its transaction directly were visited, so memory grows with what is still to be read and not with the length.
class Pasts {
 public:
  // `bytes`: that the clocks may use. REQUIRES: the arguments outlive it.
  Pasts(const Observations& observations, const Sessions& sessions, std::size_t bytes);

  // Visits every transaction that counts after all that come before it. `past` leaves out the transaction itself.
  // cyclic: not all can be visited so; too_large: the clocks needed more than `bytes`.
  Walk walk(const std::function<void(std::uint32_t transaction, Clock past)>& visit);
  // With itself. REQUIRES: called from a visit, for a transaction that the visited one read from.
  Clock of(std::uint32_t transaction) const { return row(row_of_[transaction]); }

 private:
  enum class State : std::uint8_t { untouched, open, done };

  template <typename Use>
  void each_source(std::uint32_t transaction, const Use& use) const;
  Walk reach(std::uint32_t transaction, const std::function<void(std::uint32_t, Clock)>& visit);
  bool close(std::uint32_t transaction, const std::function<void(std::uint32_t, Clock)>& visit);
  bool take_row(std::uint32_t& row);
  void release(std::uint32_t transaction);
  Clock row(std::uint32_t index) const { return Clock(cells_).subspan(index * length_, length_); }

  const Observations& observations_;
  const Sessions& sessions_;
  std::size_t length_, rows_max_;
  std::vector<std::uint32_t> cells_, free_rows_;
  std::vector<std::uint32_t> row_of_, followers_;  // by transaction; followers_: how many still need its clock
  std::vector<State> states_;
  std::vector<std::uint32_t> stack_;
};

}  // namespace fracas::checker::isolation
