#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/base/result.h"

namespace fracas::agent::clock {

// Addresses of a victim: [start, end).
struct AddressRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

// All threads of a process, stopped by ptrace, and let go again at destruction with every signal they were about to
// take. Nothing shows in the victim but EINTR of the few system calls that signal(7) lists under "interruption by stop
// signals". REQUIRES: the process calling it does nothing else: it waits for any child, and if it dies the kernel lets
// the victim go. Thread: the one that made it. Source: ptrace(2), "PTRACE_SEIZE".
class StoppedProcess {
 public:
  // Goes over the threads until a pass finds nobody new. A thread that no signal reaches in the kernel, like the parent
  // in a vfork, stops before it runs code of its own again, and is not waited for. ERRORS: EPERM it is traced already,
  // and by whom; ESRCH it is gone; ETIMEDOUT a thread runs and does not stop before `deadline_ns` (CLOCK_BOOTTIME).
  static Result<StoppedProcess> stop(pid_t pid, std::int64_t deadline_ns);
  StoppedProcess(StoppedProcess&& other) noexcept;
  StoppedProcess& operator=(StoppedProcess&&) = delete;
  ~StoppedProcess();

  // Single-steps every thread that stands in one of the ranges out of it, up to 64 instructions. Returns false if one
  // still stands there, or a signal frame on its stack will return there: then let them run, and try again.
  bool step_out_of(const std::vector<AddressRange>& ranges, int memory) const;
  // Single-steps every thread that stands in `code`, which the ranges are part of, out of it, up to 1000 instructions.
  // Returns false if one still stands in the ranges, or may return there: from the rest of `code`, or from a signal.
  bool leave(const std::vector<AddressRange>& ranges, const AddressRange& code, int memory) const;

  std::size_t threads() const { return threads_.size(); }

 private:
  enum class State { stopped, unreachable, gone };
  struct Thread {
    pid_t tid = 0;
    State state = State::gone;
    int signal = 0;  // that it was about to take
  };

  explicit StoppedProcess(pid_t pid) : pid_(pid) {}
  // Whether all found are held, and some of them were new.
  Result<bool> seize_new(std::int64_t deadline_ns);
  Status wait_for(Thread& thread, std::int64_t deadline_ns) const;
  // What nobody may stand in or return to, and the code that may have been called from there.
  struct Zone {
    const std::vector<AddressRange>& ranges;
    std::vector<AddressRange> code;
    int memory = -1;  // of the victim, as proc_pid_mem(5)
  };
  bool is_clear(const Thread& thread, const Zone& zone) const;
  bool all_clear(const Zone& zone) const;
  void lead_out_of(const std::vector<AddressRange>& ranges, int steps_max) const;
  void step(const Thread& thread, const std::vector<AddressRange>& ranges, int steps_max) const;

  pid_t pid_;
  std::vector<Thread> threads_;
};

}  // namespace fracas::agent::clock
