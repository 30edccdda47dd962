#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "lib/base/result.h"
#include "lib/model/effect.h"

struct crash_point_bpf;

namespace fracas::agent {

// Which system calls count.
enum class CrashCall {
  fsync,  // fsync, fdatasync, sync_file_range, msync, syncfs
  write,  // write, pwrite64, writev, pwritev, pwritev2: files, pipes and sockets alike
  send,   // sendto, sendmsg, sendmmsg
  rename  // rename, renameat, renameat2
};

struct CrashPointOptions {
  // Cgroup2 folders, and what runs below them belongs to them; or processes. 1 to 16, of one sort.
  std::vector<std::filesystem::path> victims{};
  std::vector<pid_t> processes{};
  CrashCall call = CrashCall::fsync;
  std::uint64_t at = 1;  // the N-th call of each victim inside the window, from 1
  int signal = 9;
};

// What has happened to one victim.
struct CrashHit {
  std::size_t victim = 0;  // index of CrashPointOptions::victims, or processes
  pid_t pid = 0;           // the process that was signalled
  std::int64_t at_ns = 0;  // CLOCK_BOOTTIME
  bool reached = false;    // the kernel took the signal
};

// Signals the process that makes the N-th call of its victim as it enters that call. SIGKILL: the process never returns
// from it. A write to a file does nothing any more; an fsync, a rename or a send has happened and its caller never
// learns of it: the process dies after the call's effect and before anything it would do next. SIGSTOP: it stops when
// the call returns. io_uring and 32-bit system calls do not count. The kernel compares window and lease at each call;
// without the agent it ends at once. Costs every system call of the host some 0.1 us while it exists.
// Thread: one at a time.
class CrashPoint {
 public:
  // Loads and attaches, unarmed. REQUIRES: CAP_BPF, CAP_PERFMON. ERRORS: EINVAL a number; EOPNOTSUPP what the kernel
  // lacks.
  static Result<CrashPoint> attach(const CrashPointOptions& options);
  CrashPoint(CrashPoint&&) noexcept;
  CrashPoint& operator=(CrashPoint&&) noexcept;
  ~CrashPoint();

  // Counting starts anew if the window moves to another start. A window without an end disarms it.
  void arm(const Window& window);
  void renew(std::int64_t lease_end_ns);
  // `matched`: calls counted; `affected`: processes signalled.
  model::EffectCounters counters() const;
  // One for each victim that was hit.
  std::vector<CrashHit> hits() const;

 private:
  struct Destroy {
    void operator()(crash_point_bpf* object) const;
  };
  explicit CrashPoint(std::unique_ptr<crash_point_bpf, Destroy> object) : object_(std::move(object)) {}

  std::unique_ptr<crash_point_bpf, Destroy> object_;
};

}  // namespace fracas::agent
