#include "agent/control/fault_control.h"

#include <atomic>
#include <limits>

namespace fracas::agent {
namespace {

constexpr std::int64_t kStopped = -1;

template <typename T>
T load(const T& shared) {
  // Loads do not write; atomic_ref of a const object comes with C++26.
  return std::atomic_ref<T>(const_cast<T&>(shared)).load(std::memory_order_acquire);
}

template <typename T>
void store(T& shared, T value) {
  std::atomic_ref<T>(shared).store(value, std::memory_order_release);
}

}  // namespace

void set_window(FaultControl& control, const Window& window) {
  if (load(control.start_ns) != window.start_ns) {
    store(control.end_ns, std::int64_t{0});
    store(control.start_ns, window.start_ns);
  }
  store(control.end_ns, window.end_ns);
}

void set_lease_end(FaultControl& control, std::int64_t lease_end_ns) {
  store(control.lease_end_ns, lease_end_ns);
}

void stop(FaultControl& control) {
  store(control.end_ns, kStopped);
}

model::EffectCounters counters_of(const FaultControl& control) {
  return {.matched = load(control.matched),
          .affected = load(control.affected),
          .bytes = load(control.bytes),
          .first_ns = load(control.first_ns),
          .last_ns = load(control.last_ns)};
}

HelperState state_of(const FaultControl& control) {
  return static_cast<HelperState>(load(control.state));
}

void tell(FaultControl& control, HelperState state, int error) {
  store(control.state_error, error);
  store(control.state, static_cast<std::uint32_t>(state));
}

bool acts(const FaultControl& control, std::int64_t now_ns) {
  return now_ns < load(control.end_ns) && now_ns >= load(control.start_ns) && now_ns < load(control.lease_end_ns);
}

std::int64_t until_start(const FaultControl& control, std::int64_t now_ns) {
  return load(control.end_ns) > 0 ? load(control.start_ns) - now_ns : std::numeric_limits<std::int64_t>::max();
}

bool is_over(const FaultControl& control, std::int64_t now_ns) {
  const std::int64_t end = load(control.end_ns);
  return now_ns >= load(control.lease_end_ns) || (end != 0 && now_ns >= end);
}

void count_matched(FaultControl& control) {
  std::atomic_ref(control.matched).fetch_add(1);
}

Draw draw(FaultControl& control) {
  count_matched(control);
  const std::uint64_t random = random_at(control.seed, std::atomic_ref(control.drawn).fetch_add(1));
  return {.hit = (random >> 32) < control.share_per_2_32, .random = random};
}

void count_affected(FaultControl& control, std::int64_t now_ns, std::uint64_t things, std::uint64_t bytes) {
  std::atomic_ref(control.affected).fetch_add(things);
  std::atomic_ref(control.bytes).fetch_add(bytes);
  std::int64_t never = 0;
  std::atomic_ref(control.first_ns).compare_exchange_strong(never, now_ns);
  store(control.last_ns, now_ns);
}

std::uint64_t random_at(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace fracas::agent
