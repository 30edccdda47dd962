#pragma once
#include <sys/types.h>

#include <cstdint>
#include <span>

#include "agent/clock/vdso_image.h"
#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::agent::clock {

// The vDSO mapping of one process, held by /proc/PID/mem: an exec of the process meanwhile makes every call fail, and
// what is written never reaches another process, the mapping being private. Source: proc_pid_mem(5).
class VictimMemory {
 public:
  // ERRORS: ESRCH it is gone; ENOEXEC it has no vDSO; EACCES, EPERM as open(2).
  static Result<VictimMemory> open(pid_t pid);

  pid_t pid() const { return pid_; }
  int fd() const { return fd_.get(); }
  // Where its vDSO is mapped.
  std::uint64_t base() const { return base_; }
  // Whether the process still has the vDSO there, that is, has not called exec since.
  bool current() const;

  Result<Bytes> read_vdso() const;
  // At an offset of the vDSO. ERRORS: EIO, also where the kernel lets only a tracer write (proc_mem.force_override).
  Status write(std::size_t offset, std::span<const std::uint8_t> bytes) const;

 private:
  VictimMemory(pid_t pid, os::UniqueFd fd) : pid_(pid), fd_(std::move(fd)) {}
  pid_t pid_;
  os::UniqueFd fd_;
  std::uint64_t base_ = 0;
  std::size_t size_ = 0;
};

// This process's own vDSO, as the kernel made it: the same bytes in every process of a kernel.
Result<VdsoImage> pristine_vdso();

}  // namespace fracas::agent::clock
