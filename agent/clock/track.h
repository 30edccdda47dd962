#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

struct clock_track_bpf;
struct ring_buffer;

namespace fracas::agent::clock {

// What a victim's process did: it was started by another (`runs` is false), or begins a program.
struct ProcessEvent {
  pid_t pid = 0;
  bool runs = false;
  bool held = false;  // it is stopped before its first instruction, until it gets SIGCONT
};

// Hears of every new process and program of some cgroups as it comes to be, from a BPF program on the scheduler's
// tracepoints. The program stops with this object, or with the process that has it. Thread: one at a time.
class ProcessTracker {
 public:
  // At most 16 cgroup2 folders. ERRORS: EINVAL a folder is no cgroup; what the kernel refused, with its errno.
  static Result<ProcessTracker> attach(const std::vector<std::filesystem::path>& cgroups);
  ProcessTracker(ProcessTracker&&) noexcept;
  ProcessTracker& operator=(ProcessTracker&&) noexcept;
  ~ProcessTracker();

  // Programs that begin in [from, until) of CLOCK_BOOTTIME are held: stopped by SIGSTOP at their first instruction.
  // Only while `beat` is called often enough, so that an agent that does not run stops nobody.
  void hold(std::int64_t from_ns, std::int64_t until_ns);
  void beat(std::int64_t until_ns);

  // Waits for events, at most `patience`; none if there were none.
  std::vector<ProcessEvent> wait(Duration patience);
  // How many events did not fit into the queue since the beginning: look at all processes then.
  std::uint64_t lost() const;

  // Processes known to have the patch; a child is known with its parent. A process that is gone is forgotten.
  void mark_patched(pid_t pid);
  int patched_map() const;

 private:
  struct Destroy {
    void operator()(clock_track_bpf* object) const;
    void operator()(ring_buffer* buffer) const;
  };
  struct Queue;
  ProcessTracker(std::unique_ptr<clock_track_bpf, Destroy> object, std::unique_ptr<Queue> queue);

  std::unique_ptr<clock_track_bpf, Destroy> object_;
  std::unique_ptr<Queue> queue_;
};

// Lets a process go on that an event said is held, also if it has not quite stopped yet. One that is gone is no error.
void let_go(pid_t pid);

// Whether the process is stopped, and has executed nothing of its program yet: held by a tracker, most likely.
bool is_held(pid_t pid);
// For whoever did not hear the events: lets those of the processes go that are held.
void let_go_held(const std::vector<pid_t>& pids);

}  // namespace fracas::agent::clock
