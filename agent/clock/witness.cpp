#include "agent/clock/witness.h"

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include "agent/clock/patch.h"
#include "agent/clock/victim_memory.h"

namespace fracas::agent::clock {
namespace {

// One in many threads is enough; a descriptor each, so they are bounded.
constexpr std::size_t kThreadsMax = 128;

int open_breakpoint(pid_t tid, std::uint64_t address) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_BREAKPOINT;
  attributes.bp_type = HW_BREAKPOINT_X;
  attributes.bp_addr = address;
  attributes.bp_len = sizeof(long);
  attributes.sample_period = 1;
  attributes.disabled = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return static_cast<int>(::syscall(SYS_perf_event_open, &attributes, tid, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

Result<Witness> Witness::watch(pid_t pid) {
  auto pristine = pristine_vdso();
  if (!pristine) return failure(std::move(pristine).error());
  auto memory = VictimMemory::open(pid);
  if (!memory) return failure(std::move(memory).error());
  auto bytes = memory->read_vdso();
  if (!bytes) return failure(std::move(bytes).error());
  const PatchFinding finding = inspect(*pristine, *bytes);
  if (finding.state != PatchState::patched) return failure(fmt::format("process {} is not patched", pid), ENOENT);

  Witness witness;
  int code = ESRCH;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), failed)) {
    const std::string name = entry.path().filename();
    pid_t tid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), tid).ec != std::errc()) continue;
    os::UniqueFd event(open_breakpoint(tid, memory->base() + finding.stub + finding.header.shifted));
    // Enabled for one hit.
    if (!event || ::ioctl(event.get(), PERF_EVENT_IOC_REFRESH, 1) != 0) {
      code = errno;
      continue;
    }
    witness.threads_.push_back(std::move(event));
    if (witness.threads_.size() == kThreadsMax) break;
  }
  if (witness.threads_.empty()) return system_failure(fmt::format("breakpoint in process {}", pid), code);
  return witness;
}

bool Witness::seen() const {
  return std::any_of(threads_.begin(), threads_.end(), [](const os::UniqueFd& event) {
    std::uint64_t count = 0;
    return ::read(event.get(), &count, sizeof count) == sizeof count && count > 0;
  });
}

}  // namespace fracas::agent::clock
