#include "agent/clock/tracer.h"

#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/threads.h"

namespace fracas::agent::clock {
namespace {

constexpr int kStepsMax = 64;
constexpr int kLongWayMax = 1000;
constexpr std::size_t kStackWords = 8192;
// The segment of 64-bit code, as the kernel saves it in a signal frame; and the flag that is always set.
constexpr std::uint64_t kUserCode = 0x33;
constexpr std::uint64_t kFlagsFixed = 0x2;
constexpr std::uint64_t kFlagsMax = 1U << 22;
constexpr std::size_t kThreadsMax = 100'000;
constexpr long kPollNs = 20'000;
// Most threads that no signal reaches wait for a disk, and not for long.
constexpr std::int64_t kBlockedPatienceNs = 5'000'000;
// Not in glibc's sys/ptrace.h under this name; include/uapi/linux/ptrace.h.
constexpr int kEventStop = 128;

bool inside(const std::vector<AddressRange>& ranges, std::uint64_t address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [address](const AddressRange& range) { return address >= range.start && address < range.end; });
}

std::filesystem::path task_folder(pid_t pid, pid_t tid) {
  return fmt::format("/proc/{}/task/{}", pid, tid);
}

char state_of(pid_t pid, pid_t tid) {
  const auto text = os::read_file(task_folder(pid, tid) / "stat");
  const std::size_t bracket = text ? text->rfind(')') : std::string::npos;
  return bracket == std::string::npos || bracket + 2 >= text->size() ? 'X' : (*text)[bracket + 2];
}

bool ended(pid_t pid, pid_t tid) {
  const char state = state_of(pid, tid);
  return state == 'Z' || state == 'X';
}

// Where a thread blocked in the kernel will go on in user space; nothing while it runs.
std::optional<std::uint64_t> blocked_address(pid_t pid, pid_t tid) {
  const auto text = os::read_file(task_folder(pid, tid) / "syscall");
  const std::size_t last = text ? text->rfind("0x") : std::string::npos;
  if (last == std::string::npos || text->starts_with("running")) return std::nullopt;
  std::uint64_t address = 0;
  std::from_chars(text->data() + last + 2, text->data() + text->size(), address, 16);
  return address;
}

// Whether a signal frame on this stack returns into the ranges. Source: struct sigcontext_64, where the saved rip is
// followed by the flags and the segments.
bool has_frame_in(const std::vector<AddressRange>& ranges, std::span<const std::uint64_t> stack) {
  for (std::size_t i = 0; i + 2 < stack.size(); ++i)
    if (inside(ranges, stack[i]) && (stack[i + 1] & kFlagsFixed) != 0 && stack[i + 1] < kFlagsMax &&
        (stack[i + 2] & 0xffff) == kUserCode)
      return true;
  return false;
}

void nap() {
  const timespec pause{.tv_sec = 0, .tv_nsec = kPollNs};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

StoppedProcess::StoppedProcess(StoppedProcess&& other) noexcept
    : pid_(other.pid_), threads_(std::exchange(other.threads_, {})) {}

StoppedProcess::~StoppedProcess() {
  for (const Thread& thread : threads_)
    if (thread.state != State::gone) ::ptrace(PTRACE_DETACH, thread.tid, nullptr, thread.signal);
}

Result<StoppedProcess> StoppedProcess::stop(pid_t pid, std::int64_t deadline_ns) {
  StoppedProcess stopped(pid);
  for (;;) {
    auto found_new = stopped.seize_new(deadline_ns);
    if (!found_new) return failure(std::move(found_new).error());
    if (!*found_new) return stopped;
    if (stopped.threads_.size() > kThreadsMax) return failure(fmt::format("process {} has too many threads", pid));
  }
}

Result<bool> StoppedProcess::seize_new(std::int64_t deadline_ns) {
  auto tids = os::threads_of(pid_);
  if (!tids) return failure(std::move(tids).error());
  const std::size_t first = threads_.size();
  for (const pid_t tid : *tids) {
    if (std::any_of(threads_.begin(), threads_.end(), [tid](const Thread& held) { return held.tid == tid; })) continue;
    if (::ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0) {
      const int code = errno;
      if (code == ESRCH || ended(pid_, tid)) continue;
      const pid_t tracer = os::status_number(tid, "TracerPid");
      if (tracer == ::getpid()) {
        // One that no signal reached the last time could not be let go either, and its stop may still come.
        threads_.push_back({.tid = tid, .state = State::unreachable});
        continue;
      }
      if (tracer == 0) return system_failure(fmt::format("trace thread {} of process {}", tid, pid_), code);
      return failure(fmt::format("process {} is traced already, by process {}", pid_, tracer), code);
    }
    threads_.push_back({.tid = tid, .state = State::unreachable});
    ::ptrace(PTRACE_INTERRUPT, tid, nullptr, nullptr);
  }
  for (std::size_t i = first; i < threads_.size(); ++i)
    if (auto stopped = wait_for(threads_[i], deadline_ns); !stopped) return failure(std::move(stopped).error());
  return threads_.size() > first;
}

Status StoppedProcess::wait_for(Thread& thread, std::int64_t deadline_ns) const {
  const std::int64_t patience_ns = os::boot_now_ns() + kBlockedPatienceNs;
  for (;;) {
    int status = 0;
    const pid_t got = ::waitpid(thread.tid, &status, __WALL | WNOHANG);
    if (got < 0 || (got == thread.tid && !WIFSTOPPED(status))) {
      thread.state = State::gone;
      return {};
    }
    if (got == thread.tid) {
      thread.state = State::stopped;
      if ((status >> 16) != kEventStop) thread.signal = WSTOPSIG(status);
      return {};
    }
    // Blocked where no signal reaches it, as in vfork: it stops before it runs code of its own.
    const std::int64_t now_ns = os::boot_now_ns();
    if (now_ns >= patience_ns && state_of(pid_, thread.tid) == 'D') return {};
    if (now_ns >= deadline_ns)
      return failure(fmt::format("thread {} of process {} does not stop", thread.tid, pid_), ETIMEDOUT);
    nap();
  }
}

void StoppedProcess::step(const Thread& thread, const std::vector<AddressRange>& ranges, int steps_max) const {
  // Signals wait meanwhile, so that the only stop to come is the step's own; one it was about to take stays ours.
  // The kernel's own sets: glibc's leave out the two signals it uses itself.
  std::uint64_t before = 0;
  std::uint64_t blocked = ~(std::uint64_t{1} << (SIGTRAP - 1));
  constexpr long kKernelSigsetBytes = sizeof blocked;
  siginfo_t info{};
  if (thread.signal != 0) ::ptrace(PTRACE_GETSIGINFO, thread.tid, nullptr, &info);
  if (::ptrace(PTRACE_GETSIGMASK, thread.tid, kKernelSigsetBytes, &before) != 0) return;
  if (::ptrace(PTRACE_SETSIGMASK, thread.tid, kKernelSigsetBytes, &blocked) != 0) return;
  for (int i = 0; i < steps_max; ++i) {
    user_regs_struct registers{};
    if (::ptrace(PTRACE_GETREGS, thread.tid, nullptr, &registers) != 0 || !inside(ranges, registers.rip)) break;
    int status = 0;
    if (::ptrace(PTRACE_SINGLESTEP, thread.tid, nullptr, nullptr) != 0) break;
    if (::waitpid(thread.tid, &status, __WALL) != thread.tid || !WIFSTOPPED(status)) return;
  }
  ::ptrace(PTRACE_SETSIGMASK, thread.tid, kKernelSigsetBytes, &before);
  if (thread.signal != 0) ::ptrace(PTRACE_SETSIGINFO, thread.tid, nullptr, &info);
}

// A thread that stands outside `code`, and was not interrupted by a signal inside of it, has nobody there to return to:
// what looks like a return address on its stack was left by a call that is over.
bool StoppedProcess::is_clear(const Thread& thread, const Zone& zone) const {
  if (thread.state == State::gone) return true;
  if (thread.state == State::unreachable) {
    const auto address = blocked_address(pid_, thread.tid);
    return address && !inside(zone.ranges, *address);
  }
  user_regs_struct registers{};
  // A thread that cannot be asked any more was killed in its stop.
  if (::ptrace(PTRACE_GETREGS, thread.tid, nullptr, &registers) != 0) return true;
  if (inside(zone.ranges, registers.rip)) return false;
  std::vector<std::uint64_t> stack(kStackWords);
  const auto top = static_cast<off_t>(registers.rsp & ~std::uint64_t{7});
  const ssize_t got = ::pread(zone.memory, stack.data(), stack.size() * sizeof(std::uint64_t), top);
  stack.resize(got < 0 ? 0 : static_cast<std::size_t>(got) / sizeof(std::uint64_t));
  if (has_frame_in(zone.code, stack)) return false;
  return !inside(zone.code, registers.rip) ||
         std::none_of(stack.begin(), stack.end(), [&zone](std::uint64_t word) { return inside(zone.ranges, word); });
}

bool StoppedProcess::all_clear(const Zone& zone) const {
  return std::all_of(threads_.begin(), threads_.end(),
                     [this, &zone](const Thread& thread) { return is_clear(thread, zone); });
}

void StoppedProcess::lead_out_of(const std::vector<AddressRange>& ranges, int steps_max) const {
  for (const Thread& thread : threads_) {
    user_regs_struct registers{};
    if (thread.state != State::stopped) continue;
    if (::ptrace(PTRACE_GETREGS, thread.tid, nullptr, &registers) == 0 && inside(ranges, registers.rip))
      step(thread, ranges, steps_max);
  }
}

bool StoppedProcess::step_out_of(const std::vector<AddressRange>& ranges, int memory) const {
  lead_out_of(ranges, kStepsMax);
  return all_clear({.ranges = ranges, .code = ranges, .memory = memory});
}

bool StoppedProcess::leave(const std::vector<AddressRange>& ranges, const AddressRange& code, int memory) const {
  lead_out_of({code}, kLongWayMax);
  return all_clear({.ranges = ranges, .code = {code}, .memory = memory});
}

}  // namespace fracas::agent::clock
