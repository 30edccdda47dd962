#pragma once
#include <atomic>
#include <cstdint>

#include "agent/resources/stress.abi.h"

namespace fracas::agent {

// What a worker knows of its fault: the window, the agent's lease, and where it counts. Thread: one.
class Work {
 public:
  Work(StressControl& control, StressSlot& slot) : control_(control), slot_(slot) {}

  // Whether it may still act. Reads two words and the clock: call it several times in 10 ms.
  bool goes_on() const;
  // Returns at the window's start; false if it is over before.
  bool wait_for_start() const;
  // Sleeps, at most 5 ms at a time and not beyond the end.
  void sleep_until(std::int64_t when_ns) const;
  void count(bool done, std::uint64_t bytes);

  const StressControl& order() const { return control_; }

 private:
  std::int64_t end_ns() const;

  StressControl& control_;
  StressSlot& slot_;
};

std::int64_t boot_ns();

// Each works until its time is over.
void burn_cpu(Work& work);
void hold_memory(Work& work);
void write_files(Work& work);

}  // namespace fracas::agent
