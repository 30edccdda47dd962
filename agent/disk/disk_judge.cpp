#include "agent/disk/disk_judge.h"

#include <fnmatch.h>

#include <atomic>
#include <cerrno>

namespace fracas::agent {
namespace {

template <typename T>
T load(const T& shared) {
  // Loads do not write; atomic_ref of a const object comes with C++26.
  return std::atomic_ref<T>(const_cast<T&>(shared)).load(std::memory_order_acquire);
}

// The n-th number of the stream `seed`. Source: Steele, Lea and Flood, splitmix64.
std::uint64_t random_at(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

bool picks(const DiskControl& control, DiskOperation operation) {
  return (control.operations >> static_cast<unsigned>(operation) & 1U) != 0;
}

// Takes the growth from what is free. Returns false, and takes nothing, if there is too little.
bool take_space(DiskControl& control, std::size_t growth) {
  const auto wanted = static_cast<std::int64_t>(growth);
  std::atomic_ref<std::int64_t> left(control.free_bytes);
  std::int64_t had = left.load();
  do {
    if (had < wanted) return false;
  } while (!left.compare_exchange_weak(had, had - wanted));
  return true;
}

}  // namespace

bool disk_rule_acts(const DiskControl& control, std::int64_t now_ns) {
  return now_ns < load(control.end_ns) && now_ns >= load(control.start_ns) && now_ns < load(control.lease_end_ns);
}

bool disk_rule_covers(const DiskControl& control, const std::string& path) {
  return ::fnmatch(control.files, path.c_str(), 0) == 0;
}

void count_affected(DiskControl& control, std::uint64_t calls, std::uint64_t bytes, std::int64_t now_ns) {
  std::atomic_ref(control.affected).fetch_add(calls);
  std::atomic_ref(control.bytes).fetch_add(bytes);
  std::int64_t never = 0;
  std::atomic_ref(control.first_ns).compare_exchange_strong(never, now_ns);
  std::atomic_ref(control.last_ns).store(now_ns);
}

DiskVerdict judge(DiskControl& control, const DiskCall& call, std::int64_t now_ns) {
  DiskVerdict verdict;
  if (!disk_rule_acts(control, now_ns) || !disk_rule_covers(control, call.path)) return verdict;
  const bool picked = picks(control, call.operation) && (control.error != 0 || control.delay_ns > 0);
  const bool fills = control.fill != 0 && call.operation == DiskOperation::write;
  const bool corrupts = control.corrupt != 0 && call.operation == DiskOperation::read;
  if (!picked && !fills && !corrupts) return verdict;
  std::atomic_ref(control.matched).fetch_add(1);
  verdict.random = random_at(control.seed, std::atomic_ref(control.drawn).fetch_add(1));
  const bool hit = (verdict.random >> 32) < control.share_per_2_32;
  if (picked && hit) {
    verdict.error = control.error;
    verdict.delay_ns = control.delay_ns;
  }
  if (fills && verdict.error == 0 && !take_space(control, call.growth)) verdict.error = ENOSPC;
  verdict.corrupt = corrupts && hit && verdict.error == 0;
  // What is read is corrupted, and counted, once it has been read: there may be nothing.
  if (verdict.error != 0 || verdict.delay_ns > 0) count_affected(control, 1, call.bytes, now_ns);
  return verdict;
}

}  // namespace fracas::agent
