#include "tests/bench/measurement.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "lib/base/ensure.h"

namespace fracas::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTimesMin = 3;
constexpr std::size_t kTimesMax = 25;
constexpr double kEnoughMs = 1000;
constexpr double kForeverMs = 1e12;

// Forgets the peak so far. Source: proc(5), "clear_refs".
void forget_peak() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::string run_all(const Case& each) {
  const Work work = each.prepare();
  forget_peak();
  double total = 0, mib = 0, best = kForeverMs, best_cpu = kForeverMs;
  for (std::size_t times = 0; times < kTimesMin || (total < kEnoughMs && times < kTimesMax); ++times) {
    const double cpu = cpu_ms();
    const auto begin = Clock::now();
    if (const std::string wrong = work(); !wrong.empty()) return "wrong " + wrong;
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    best = std::min(best, took);
    best_cpu = std::min(best_cpu, cpu_ms() - cpu);
    total += took;
    if (times == 0) mib = peak_mib();
  }
  return fmt::format("{} {} {}", best, best_cpu, mib);
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

}  // namespace

Measured measure(const Case& each) {
  int ends[2];
  ensure(::pipe(ends) == 0, "a pipe can be made");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  ensure(child >= 0, "a process can be made");
  if (child == 0) {
    ::close(ends[0]);
    const std::string text = run_all(each);
    const bool written = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  Measured measured;
  if (text.starts_with("wrong ")) {
    measured.wrong = text.substr(6);
  } else if (std::sscanf(text.c_str(), "%lf %lf %lf", &measured.ms, &measured.cpu_ms, &measured.mib) != 3) {
    measured.wrong = fmt::format("the process ended with status {}", status);
  }
  return measured;
}

}  // namespace fracas::bench
