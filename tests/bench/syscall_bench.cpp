// What it costs a process to have its system calls traced (syscall.error, syscall.delay). Prints a table. Needs root.
// Takes some seconds.
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <vector>

#include "agent/syscalls/syscall_trace.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"

namespace {

using namespace fracas;
using namespace fracas::agent;

constexpr std::int64_t kMeasureNs = 1'000'000'000;
constexpr int kRounds = 5;
constexpr int kBatch = 100;

// Calls made a second by a process that only makes calls, in shared memory.
struct Shared {
  std::uint64_t calls;
};

[[noreturn]] void make_calls(Shared& shared) {
  for (;;) {
    for (int i = 0; i < kBatch; ++i) static_cast<void>(::syscall(SYS_getppid));
    __atomic_fetch_add(&shared.calls, kBatch, __ATOMIC_RELAXED);
  }
}

double ns_per_call(const Shared& shared) {
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t before = __atomic_load_n(&shared.calls, __ATOMIC_RELAXED);
    const std::int64_t from = os::boot_now_ns();
    os::sleep_until_boot_ns(from + kMeasureNs / kRounds);
    const std::uint64_t made = __atomic_load_n(&shared.calls, __ATOMIC_RELAXED) - before;
    const auto took = static_cast<double>(os::boot_now_ns() - from);
    if (made > 0) best = std::min(best, took / static_cast<double>(made));
  }
  return best;
}

Status measure_traced(const char* what, const SyscallRule& rule, const os::Cgroup& cgroup, const Shared& shared) {
  auto control = make_syscall_control(rule);
  if (!control) return failure(std::move(control).error());
  const std::int64_t now = os::boot_now_ns();
  set_lease_end(control_in(*control).fault, now + 100 * kMeasureNs);
  set_window(control_in(*control).fault, {.start_ns = now, .end_ns = now + 100 * kMeasureNs});
  auto tracer = start_syscall_tracer(*control, {.cgroups = {cgroup.path()}});
  if (!tracer) return failure(std::move(tracer).error());
  os::sleep_until_boot_ns(now + kMeasureNs / 10);
  const double cost = ns_per_call(shared);
  static_cast<void>(tracer->signal(SIGKILL));
  static_cast<void>(tracer->wait_for(std::chrono::seconds(2)));
  if (state_of(control_in(*control).fault) != HelperState::ready) return failure("the tracer does not trace");
  fmt::print("{:<62} {:>12.0f} ns\n", what, cost);
  return {};
}

Status measure(const os::Cgroup& cgroup, const Shared& shared) {
  fmt::print("{:<62} {:>12.0f} ns\n", "a system call (getppid), not traced", ns_per_call(shared));
  const SyscallRule other{.calls = {SYS_fdatasync}, .error = EIO};
  const SyscallRule failing{.calls = {SYS_getppid}, .error = EIO};
  if (auto done = measure_traced("traced, another call is chosen", other, cgroup, shared); !done) return done;
  if (auto done = measure_traced("traced, chosen, fails", failing, cgroup, shared); !done) return done;
  fmt::print("{:<62} {:>12.0f} ns\n", "not traced any more", ns_per_call(shared));
  return {};
}

}  // namespace

int main() {
  auto memory = os::SharedMemory::create("calls", sizeof(Shared));
  auto cgroup = os::Cgroup::create("fracas-bench-syscalls-" + std::to_string(::getpid()));
  if (!memory || !cgroup) return 5;
  auto& shared = *static_cast<Shared*>(memory->data());
  const pid_t victim = ::fork();
  if (victim == 0) make_calls(shared);
  Status done = cgroup->add(victim);
  if (done) done = measure(*cgroup, shared);
  ::kill(victim, SIGKILL);
  ::waitpid(victim, nullptr, 0);
  static_cast<void>(cgroup->remove());
  if (done) return 0;
  std::fprintf(stderr, "bench_syscalls: %s\n", done.error().message.c_str());
  return 5;
}
