#include "agent/disk/disk_judge.h"

#include <fnmatch.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace fracas::agent {
namespace {

constexpr std::uint64_t kBlock = 4096;
// What a disk that was idle may do at once, in time.
constexpr std::int64_t kCreditNs = 5'000'000;
constexpr double kNsPerSecond = 1e9;

// Source: Fowler, Noll and Vo, FNV-1a.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

void flip(std::span<char> bytes, std::uint64_t bit) {
  char& byte = bytes[bit / 8];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << bit % 8));
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

// Queues `work_ns` behind what the disk has to do already; returns how long that and this take from now on.
std::int64_t queue_work(std::int64_t& done_ns, std::int64_t work_ns, std::int64_t now_ns) {
  if (work_ns == 0) return 0;
  std::atomic_ref<std::int64_t> done(done_ns);
  std::int64_t had = done.load();
  std::int64_t next = 0;
  do {
    next = std::max(had, now_ns - kCreditNs) + work_ns;
  } while (!done.compare_exchange_weak(had, next));
  return std::max<std::int64_t>(next - now_ns, 0);
}

// How long the call has to wait for the limits of the rule.
std::int64_t wait_for_turn(DiskControl& control, const DiskCall& call, std::int64_t now_ns) {
  const bool moves = call.operation == DiskOperation::read || call.operation == DiskOperation::write;
  const double share = moves && control.bytes_per_second > 0
                           ? static_cast<double>(call.bytes) / static_cast<double>(control.bytes_per_second)
                           : 0;
  const std::int64_t bytes = queue_work(control.bytes_done_ns, static_cast<std::int64_t>(share * kNsPerSecond), now_ns);
  return std::max(bytes, queue_work(control.calls_done_ns, control.call_ns, now_ns));
}

}  // namespace

bool disk_rule_covers(const DiskControl& control, const std::string& path) {
  return ::fnmatch(control.files, path.c_str(), 0) == 0;
}

DiskVerdict judge(DiskControl& control, const DiskCall& call, std::int64_t now_ns) {
  DiskVerdict verdict;
  if (!acts(control.fault, now_ns) || !disk_rule_covers(control, call.path)) return verdict;
  const bool slow = control.delay_ns > 0 || control.bytes_per_second > 0 || control.call_ns > 0;
  const bool picked = picks(control, call.operation) && (control.error != 0 || slow);
  const bool fills = control.fill != 0 && call.operation == DiskOperation::write;
  const bool corrupts = control.corrupt != 0 && call.operation == DiskOperation::read;
  if (!picked && !fills && !corrupts) return verdict;
  const Draw drawn = draw(control.fault);
  verdict.random = drawn.random;
  if (picked && drawn.hit) {
    verdict.error = control.error;
    verdict.delay_ns = std::max(control.delay_ns, wait_for_turn(control, call, now_ns));
  }
  if (fills && verdict.error == 0 && !take_space(control, call.growth)) verdict.error = ENOSPC;
  verdict.corrupt = corrupts && (drawn.hit || control.stuck != 0) && verdict.error == 0;
  // What is read is corrupted, and counted, once it has been read: there may be nothing.
  if (verdict.error != 0 || verdict.delay_ns > 0) count_affected(control.fault, now_ns, 1, call.bytes);
  return verdict;
}

std::size_t flip_bits(const DiskControl& control, const std::string& path, std::uint64_t offset, std::uint64_t random,
                      std::span<char> read) {
  if (read.empty()) return 0;
  if (control.stuck == 0) {
    flip(read, random % (read.size() * 8));
    return 1;
  }
  std::size_t flipped = 0;
  const std::uint64_t file = random_at(control.fault.seed, hash_of(path));
  for (std::uint64_t block = offset / kBlock; block * kBlock < offset + read.size(); ++block) {
    const std::uint64_t rot = random_at(file, block);
    if ((rot >> 32) >= control.fault.share_per_2_32) continue;
    const std::uint64_t bit = block * kBlock * 8 + rot % (kBlock * 8);
    if (bit < offset * 8 || bit >= (offset + read.size()) * 8) continue;
    flip(read, bit - offset * 8);
    ++flipped;
  }
  return flipped;
}

}  // namespace fracas::agent
