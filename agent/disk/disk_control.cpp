#include "agent/disk/disk_control.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

namespace fracas::agent {
namespace {

template <typename T>
void publish(T& shared, T value) {
  std::atomic_ref<T>(shared).store(value, std::memory_order_release);
}

template <typename T>
T read(T& shared) {
  return std::atomic_ref<T>(shared).load(std::memory_order_acquire);
}

std::uint32_t bits_of(const std::vector<DiskOperation>& operations) {
  if (operations.empty()) return ~0U;
  std::uint32_t bits = 0;
  for (const DiskOperation operation : operations) bits |= 1U << static_cast<unsigned>(operation);
  return bits;
}

void write_rule(DiskControl& control, const DiskRule& rule) {
  std::copy(rule.files.begin(), rule.files.end(), control.files);
  control.share_per_2_32 = static_cast<std::uint64_t>(std::llround(std::ldexp(rule.share, 32)));
  control.seed = rule.seed;
  control.delay_ns = rule.delay.count();
  control.error = rule.error;
  control.operations = bits_of(rule.operations);
  control.corrupt = rule.corrupt ? 1 : 0;
  control.lose_unsynced = rule.lose_unsynced ? 1 : 0;
  control.torn = rule.torn ? 1 : 0;
  control.fill = rule.free_bytes ? 1 : 0;
  control.free_bytes = static_cast<std::int64_t>(rule.free_bytes.value_or(0));
  control.uncached_reads = needs_uncached_reads(rule) ? 1 : 0;
}

}  // namespace

Result<DiskControlMemory> DiskControlMemory::create(const DiskRule& rule) {
  os::UniqueFd fd(::memfd_create("fracas-disk", MFD_CLOEXEC));
  if (!fd) return system_failure("make memory for the disk server");
  if (::ftruncate(fd.get(), sizeof(DiskControl)) != 0) return system_failure("make memory for the disk server");
  auto memory = map(std::move(fd));
  if (memory) write_rule(**memory, rule);
  return memory;
}

Result<DiskControlMemory> DiskControlMemory::open(os::UniqueFd fd) {
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0 || found.st_size != sizeof(DiskControl))
    return failure("the descriptor is no disk control memory", EINVAL);
  return map(std::move(fd));
}

Result<DiskControlMemory> DiskControlMemory::map(os::UniqueFd fd) {
  void* mapped = ::mmap(nullptr, sizeof(DiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return system_failure("map the disk server's memory");
  return DiskControlMemory(std::move(fd), static_cast<DiskControl*>(mapped));
}

DiskControlMemory::DiskControlMemory(DiskControlMemory&& other) noexcept
    : fd_(std::move(other.fd_)), mapped_(std::exchange(other.mapped_, nullptr)) {}

DiskControlMemory::~DiskControlMemory() {
  if (mapped_ != nullptr) ::munmap(mapped_, sizeof(DiskControl));
}

void DiskControlMemory::set_window(const Window& window) {
  if (read(mapped_->start_ns) != window.start_ns) {
    publish(mapped_->end_ns, std::int64_t{0});  // no call sees one window's start with another's end
    publish(mapped_->start_ns, window.start_ns);
  }
  publish(mapped_->end_ns, window.end_ns);
}

void DiskControlMemory::set_lease_end(std::int64_t lease_end_ns) {
  publish(mapped_->lease_end_ns, lease_end_ns);
}

void DiskControlMemory::stop() {
  publish(mapped_->end_ns, std::int64_t{0});
}

model::EffectCounters DiskControlMemory::counters() const {
  return {.matched = read(mapped_->matched),
          .affected = read(mapped_->affected),
          .bytes = read(mapped_->bytes),
          .first_ns = read(mapped_->first_ns),
          .last_ns = read(mapped_->last_ns)};
}

}  // namespace fracas::agent
