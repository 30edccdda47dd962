#pragma once
#include <algorithm>
#include <cstdint>

namespace fracas::agent {

// When a thread of real-time priority that stays awake has to rest. Linux keeps 5 % of every second for ordinary
// threads, and takes them from a real-time thread that leaves them less in one piece of 50 ms, in which a line would
// send nothing. One that rests a twelfth of its time, shortly and often, is never stopped so. Pure. Source: sched(7),
// "Limiting the CPU usage of real-time and deadline processes"; kernel/sched/deadline.c, "fair server".
class ShortRests {
 public:
  static constexpr std::int64_t kRest = 30'000;  // ns, asked; the kernel wakes later than asked

  // Whether the thread, awake since its last sleep, has to rest now.
  bool is_due(std::int64_t now_ns) const { return credit_at(now_ns) <= 0; }
  // The thread slept, for whatever reason.
  void slept(std::int64_t from_ns, std::int64_t to_ns) {
    credit_ns_ = std::clamp(credit_at(from_ns) + kAwakeForEachAsleep * (to_ns - from_ns), -kCreditMax, kCreditMax);
    woke_ns_ = to_ns;
  }

 private:
  static constexpr std::int64_t kAwakeForEachAsleep = 11;
  static constexpr std::int64_t kCreditMax = 1'000'000;
  std::int64_t credit_at(std::int64_t now_ns) const { return credit_ns_ - (now_ns - woke_ns_); }

  std::int64_t credit_ns_ = 0;  // how much longer than `woke_ns_` it may stay awake
  std::int64_t woke_ns_ = 0;
};

}  // namespace fracas::agent
