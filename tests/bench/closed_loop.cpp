#include "tests/bench/closed_loop.h"

#include <time.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/random.h"
#include "lib/os/clock.h"
#include "tests/bench/quantile.h"

namespace fracas::bench {
namespace {

struct Window {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

struct Seen {
  std::vector<double> latency_ms;
  std::uint64_t failed = 0;
  std::uint64_t asked = 0;  // before the window, too
};

double processor_us() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

Seen work(StoreClient& client, const LoopOptions& options, const Window& window, RandomStream random) {
  Seen seen;
  for (std::int64_t now_ns = os::boot_now_ns(); now_ns < window.end_ns;) {
    const auto key = static_cast<std::size_t>(random.below(options.keys));
    const bool done = options.operation == Operation::put ? client.put(key) : client.get(key);
    const std::int64_t ended_ns = os::boot_now_ns();
    ++seen.asked;
    if (ended_ns >= window.begin_ns && ended_ns < window.end_ns) {
      if (done) seen.latency_ms.push_back(static_cast<double>(ended_ns - now_ns) / 1e6);
      if (!done) ++seen.failed;
    }
    now_ns = ended_ns;
  }
  return seen;
}

}  // namespace

void fill(const controller::World& world, const StoreClients& make, std::size_t keys) {
  constexpr std::size_t kClients = 16;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kClients; ++i)
    threads.emplace_back([&, i] {
      if (!world.join_clients()) return;
      const auto client = make(i);
      for (std::size_t key = i; key < keys; key += kClients) static_cast<void>(client->put(key));
    });
}

LoopResult closed_loop(const controller::World& world, const StoreClients& make, const LoopOptions& options) {
  const std::int64_t begin_ns = os::boot_now_ns() + std::chrono::nanoseconds(options.warmup).count();
  const Window window{.begin_ns = begin_ns, .end_ns = begin_ns + std::chrono::nanoseconds(options.measured).count()};
  std::vector<Seen> seen(options.clients);
  const double before_us = processor_us();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < options.clients; ++i)
      threads.emplace_back([&, i] {
        if (!world.join_clients()) return;
        const auto client = make(i);
        seen[i] = work(*client, options, window, RandomStream(i, "bench"));
      });
  }
  LoopResult result{.client_us = processor_us() - before_us};
  std::vector<double> all;
  std::uint64_t asked = 0;
  for (Seen& each : seen) {
    std::ranges::move(each.latency_ms, std::back_inserter(all));
    result.failed += each.failed;
    asked += each.asked;
  }
  if (asked > 0) result.client_us /= static_cast<double>(asked);
  result.per_second = static_cast<double>(all.size()) * 1000 / static_cast<double>(options.measured.count());
  result.p50_ms = quantile(all, 0.5);
  result.p99_ms = quantile(std::move(all), 0.99);
  return result;
}

}  // namespace fracas::bench
