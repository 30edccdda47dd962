#pragma once
#include <algorithm>
#include <cstdint>

namespace fracas::agent {

// How much earlier than needed a thread asks to be woken, because the kernel wakes it late. It follows the time that
// 98 of 100 wake-ups stay below, so that a packet due leaves on time and the thread spins little: what is left of the
// lead when it wakes. Pure.
class WakeLead {
 public:
  std::int64_t ns() const { return lead_ns_; }
  // A wake-up came so late.
  void observe(std::int64_t late_ns) {
    lead_ns_ += late_ns > lead_ns_ ? 49 * kStep : -kStep;
    lead_ns_ = std::clamp<std::int64_t>(lead_ns_, 0, kMax);
  }

 private:
  static constexpr std::int64_t kStep = 250;
  static constexpr std::int64_t kMax = 200'000;  // a host that is later than that is out of processors
  std::int64_t lead_ns_ = 50'000;
};

}  // namespace fracas::agent
