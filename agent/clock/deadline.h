#pragma once
#include <cstdint>
#include <memory>

#include "agent/clock/deadline.abi.h"
#include "agent/clock/skew.h"
#include "agent/clock/track.h"
#include "lib/base/result.h"

struct clock_deadline_bpf;

namespace fracas::agent::clock {

// Lets victims' waits until an absolute CLOCK_REALTIME moment end when their shifted clock shows it, as on a host whose
// clock is wrong: timed waits on conditions, semaphores and mutexes, clock_nanosleep, timers, timerfds, message queues.
// A BPF program rewrites the moment in the victim's memory for the duration of the call. It costs every system call of
// the machine some 0.1 us while it is attached, and needs a kernel that is not locked down. What waits since before the
// window keeps its deadline. Not repaired: MONOTONIC deadlines, io_uring's, and moments in memory that is read-only.
class DeadlineRepair {
 public:
  // For the processes the tracker knows as patched. ERRORS: EPERM or EINVAL the kernel does not let BPF write user
  // memory.
  static Result<DeadlineRepair> attach(const ProcessTracker& tracker);
  DeadlineRepair(DeadlineRepair&&) noexcept;
  DeadlineRepair& operator=(DeadlineRepair&&) noexcept;
  ~DeadlineRepair();

  void configure(const fracas_deadline_config& config);
  fracas_deadline_counts counts() const;

 private:
  struct Destroy {
    void operator()(clock_deadline_bpf* object) const;
  };
  explicit DeadlineRepair(std::unique_ptr<clock_deadline_bpf, Destroy> object);

  std::unique_ptr<clock_deadline_bpf, Destroy> object_;
};

// The program's numbers for REALTIME's part of a skew inside a window of CLOCK_BOOTTIME.
fracas_deadline_config make_deadline_config(const Skew& skew, const Window& window, const ClockReadings& now);

}  // namespace fracas::agent::clock
