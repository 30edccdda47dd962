#pragma once
#include <algorithm>
#include <cstddef>

namespace fracas::checker {

// Makes something of `size` parts smaller: leaves out chunks of half of it first, then ever smaller ones, until no
// single part can go any more. `leave_out(chunk)` tries to leave out chunks of that size, and says whether one went;
// `spent()` says when to stop. Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
// TSE 28(2), 2002.
template <typename LeaveOut, typename Spent>
void shrink_by_halves(std::size_t size, const LeaveOut& leave_out, const Spent& spent) {
  for (std::size_t chunk = std::max<std::size_t>(size / 2, 1); !spent();) {
    const bool smaller = leave_out(chunk);
    if (chunk == 1 && !smaller) return;
    if (chunk > 1) chunk = (chunk + 1) / 2;
  }
}

}  // namespace fracas::checker
