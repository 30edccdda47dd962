#include "agent/clock/probe.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include "agent/clock/patch.h"
#include "agent/clock/witness.h"
#include "lib/os/clock.h"

namespace fracas::agent::clock {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kPatienceNs = 2'000'000'000;
constexpr std::uint64_t kProbeOwner = 0x70726f6265;  // "probe"

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// A child that keeps writing into shared memory how far its clock is from the kernel's.
class Reader {
 public:
  static Result<Reader> start() {
    void* page =
        ::mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return system_failure("memory for the clock probe");
    auto* shift = new (page) std::atomic<std::int64_t>(0);
    const pid_t pid = ::fork();
    // Only async-signal-safe calls here: other threads may have held locks at the fork.
    if (pid == 0) read_on(*shift);
    Reader reader(shift, pid);
    if (pid < 0) return system_failure("start a process");
    return reader;
  }
  Reader(Reader&& other) noexcept : shift_(std::exchange(other.shift_, nullptr)), pid_(std::exchange(other.pid_, -1)) {}
  Reader& operator=(Reader&&) = delete;
  ~Reader() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0)
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
    if (shift_ != nullptr) ::munmap(shift_, sizeof *shift_);
  }

  pid_t pid() const { return pid_; }
  bool shows(Duration shift) const {
    const std::int64_t deadline = os::boot_now_ns() + kPatienceNs;
    while (os::boot_now_ns() < deadline) {
      const Duration seen(shift_->load());
      if (seen > shift - 1s && seen < shift + 1s) return true;
      os::sleep_until_boot_ns(os::boot_now_ns() + 200'000);
    }
    return false;
  }

 private:
  Reader(std::atomic<std::int64_t>* shift, pid_t pid) : shift_(shift), pid_(pid) {}

  [[noreturn]] static void read_on(std::atomic<std::int64_t>& shift) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
      timespec real{}, seen{};
      ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
      ::clock_gettime(CLOCK_REALTIME, &seen);
      shift.store(nanoseconds(seen) - nanoseconds(real));
      const timespec pause{.tv_sec = 0, .tv_nsec = 200'000};
      ::nanosleep(&pause, nullptr);
    }
  }

  std::atomic<std::int64_t>* shift_;
  pid_t pid_;
};

}  // namespace

Result<ClockSupport> probe_clock() {
  auto reader = Reader::start();
  if (!reader) return failure(std::move(reader).error());
  auto fast = attach(reader->pid(), kProbeOwner);
  if (!fast) return failure(std::move(fast).error());
  ClockSupport support{.fast = *fast};
  const auto witness = Witness::watch(reader->pid());
  const std::int64_t now = os::boot_now_ns();
  const auto config =
      make_config({.offset = 60s}, {.start_ns = now, .end_ns = now + 2 * kPatienceNs}, ClockReadings::now());
  if (auto shifted = configure(reader->pid(), kProbeOwner, config); !shifted)
    return failure(std::move(shifted).error());
  if (!reader->shows(60s)) return failure("a patched process does not read its vDSO");
  support.witnessed = witness && witness->seen();
  if (auto recovered = recover(reader->pid(), 1s); !recovered) return failure(std::move(recovered).error());
  if (!reader->shows(0s)) return failure("a restored process still reads a shifted clock");
  return support;
}

}  // namespace fracas::agent::clock
