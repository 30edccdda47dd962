#include "tests/bench/clock_bench.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <new>
#include <thread>
#include <vector>

#include "agent/clock/patch.h"
#include "lib/os/clock.h"

namespace fracas::bench {
namespace {

namespace clock_of = agent::clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kOwner = 0xbe;
constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t raw_now_ns() {  // by a system call, which no patch of the vDSO reaches
  timespec now{};
  ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

template <typename Read>
double ns_each(Read read) {
  constexpr int kReads = 400'000;
  const std::int64_t start = raw_now_ns();
  for (int i = 0; i < kReads; ++i) read();
  return static_cast<double>(raw_now_ns() - start) / kReads;
}

// What the victim and the bench share.
struct Shared {
  enum Wish { none, by_vdso, by_call, widest_gap };
  std::atomic<int> wish{none};
  std::atomic<double> result{0};
};

double widest_gap_ms(std::int64_t length_ns) {
  std::int64_t last = raw_now_ns();
  const std::int64_t end = last + length_ns;
  std::int64_t widest = 0;
  while (last < end) {
    const std::int64_t now = raw_now_ns();
    widest = std::max(widest, now - last);
    last = now;
  }
  return static_cast<double>(widest) * 1e-6;
}

double do_as_wished(int wish) {
  timespec now{};
  if (wish == Shared::by_vdso) return ns_each([&] { ::clock_gettime(CLOCK_REALTIME, &now); });
  if (wish == Shared::by_call) return ns_each([&] { ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &now); });
  return widest_gap_ms(kSecond / 2);
}

[[noreturn]] void give_up(const std::string& step, const Error& error) {
  std::fprintf(stderr, "bench_faults: %s: %s\n", step.c_str(), error.message.c_str());
  std::exit(1);
}

// A process that measures when asked, with so many threads beside that sleep and read the clock.
class Victim {
 public:
  explicit Victim(int threads) {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) give_up("share memory", {.message = "mmap", .code = 0});
    shared_ = new (memory) Shared;
    pid_ = ::fork();
    if (pid_ == 0) live(threads);
  }
  ~Victim() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::munmap(shared_, sizeof(Shared));
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  pid_t pid() const { return pid_; }
  void begin(Shared::Wish wish) { shared_->wish = wish; }
  double wait() {
    while (shared_->wish != Shared::none) os::sleep_until_boot_ns(os::boot_now_ns() + 100'000);
    return shared_->result;
  }
  double measure(Shared::Wish wish) {
    begin(wish);
    return wait();
  }

 private:
  [[noreturn]] void live(int threads) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i)
      others.emplace_back([] {
        for (;;) {
          timespec now{};
          ::clock_gettime(CLOCK_REALTIME, &now);
          const timespec pause{0, 5'000'000};
          ::nanosleep(&pause, nullptr);
        }
      });
    for (;;) {
      const int wish = shared_->wish;
      if (wish == Shared::none) {
        const timespec pause{0, 100'000};
        ::nanosleep(&pause, nullptr);
        continue;
      }
      shared_->result = do_as_wished(wish);
      shared_->wish = Shared::none;
    }
  }

  Shared* shared_ = nullptr;
  pid_t pid_ = 0;
};

void attach(const Victim& victim) {
  if (auto attached = clock_of::attach(victim.pid(), kOwner); !attached) give_up("attach", attached.error());
}

void restore(const Victim& victim) {
  if (auto recovered = clock_of::recover(victim.pid(), seconds(1)); !recovered) give_up("restore", recovered.error());
}

void shift(const Victim& victim) {
  const clock_of::Skew skew{
      .offset = seconds(60), .drift_ppm = 200, .strobe_by = seconds(-2), .strobe_period = milliseconds(100)};
  const std::int64_t now = os::boot_now_ns();
  auto config =
      clock_of::make_config(skew, {.start_ns = now, .end_ns = now + 3600 * kSecond}, clock_of::ClockReadings::now());
  if (auto set = clock_of::configure(victim.pid(), kOwner, config); !set) give_up("shift", set.error());
}

// Both ways in turn, because a machine's speed changes; the least time of each is taken.
void cost_of_a_read(Report& report) {
  Victim victim(1);
  double plain = 1e9;
  double idle = 1e9;
  double shifted = 1e9;
  double call = 1e9;
  for (int round = 0; round < 9; ++round) {
    plain = std::min(plain, victim.measure(Shared::by_vdso));
    call = std::min(call, victim.measure(Shared::by_call));
    attach(victim);
    idle = std::min(idle, victim.measure(Shared::by_vdso));
    shift(victim);
    shifted = std::min(shifted, victim.measure(Shared::by_vdso));
    restore(victim);
  }
  report.add("clock_gettime, unshifted, by the vDSO", plain, "ns");
  report.add("clock_gettime, by a system call, as other tools do it", call, "ns");
  report.add("  that is, times the vDSO's", call / plain, "x");
  report.add("clock_gettime, attached, no window: times the vDSO's", idle / plain, "x");
  report.add("clock_gettime under offset, drift and strobe", shifted, "ns");
  report.add("  that is, times the vDSO's", shifted / plain, "x", at_most(1.5));
}

// The widest gap in the work of one busy thread is what it was stopped for, and what else kept it from running.
void time_stopped(Report& report) {
  constexpr int kThreads = 50;
  Victim victim(kThreads);
  double untouched = 0;
  double touched = 0;
  double took_ms = 0;
  for (int round = 0; round < 5; ++round) {
    untouched = std::max(untouched, victim.measure(Shared::widest_gap));
    victim.begin(Shared::widest_gap);
    os::sleep_until_boot_ns(os::boot_now_ns() + 50'000'000);
    const std::int64_t start = os::boot_now_ns();
    attach(victim);
    const std::int64_t attached = os::boot_now_ns();
    shift(victim);
    os::sleep_until_boot_ns(os::boot_now_ns() + 100'000'000);
    const std::int64_t end = os::boot_now_ns();
    restore(victim);
    took_ms = std::max(took_ms, static_cast<double>(os::boot_now_ns() - end + attached - start) * 1e-6);
    touched = std::max(touched, victim.wait());
  }
  report.add("50 threads, one of them busy: widest gap in its work, untouched", untouched, "ms");
  report.add("  with attach and detach: widest of five rounds", touched, "ms");
  report.add("  attach and detach together, from call to return: longest", took_ms, "ms", at_most(20));
}

}  // namespace

void bench_clock(Report& report) {
  report.heading("Clocks");
  cost_of_a_read(report);
  time_stopped(report);
}

}  // namespace fracas::bench
