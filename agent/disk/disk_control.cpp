#include "agent/disk/disk_control.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fracas::agent {
namespace {

std::uint32_t bits_of(const std::vector<DiskOperation>& operations) {
  if (operations.empty()) return ~0U;
  std::uint32_t bits = 0;
  for (const DiskOperation operation : operations) bits |= 1U << static_cast<unsigned>(operation);
  return bits;
}

void write_rule(DiskControl& control, const DiskRule& rule) {
  std::copy(rule.files.begin(), rule.files.end(), control.files);
  control.fault.share_per_2_32 = static_cast<std::uint64_t>(std::llround(std::ldexp(rule.share, 32)));
  control.fault.seed = rule.seed;
  control.delay_ns = rule.delay.count();
  control.error = rule.error;
  control.operations = bits_of(rule.operations);
  control.corrupt = rule.corrupt ? 1 : 0;
  control.lose_unsynced = rule.lose_unsynced ? 1 : 0;
  control.torn = rule.torn ? 1 : 0;
  control.fill = rule.free_bytes ? 1 : 0;
  control.free_bytes = static_cast<std::int64_t>(rule.free_bytes.value_or(0));
  control.stuck = rule.stuck ? 1 : 0;
  control.bytes_per_second = rule.bytes_per_second;
  if (rule.calls_per_second > 0) control.call_ns = std::llround(1e9 / rule.calls_per_second);
  control.uncached_reads = needs_uncached_reads(rule) ? 1 : 0;
}

}  // namespace

Result<DiskControlMemory> DiskControlMemory::create(const DiskRule& rule) {
  auto memory = os::SharedMemory::create("fracas-disk", sizeof(DiskControl));
  if (!memory) return failure(std::move(memory).error());
  DiskControlMemory control(std::move(*memory));
  write_rule(*control, rule);
  return control;
}

Result<DiskControlMemory> DiskControlMemory::open(os::UniqueFd fd) {
  auto memory = os::SharedMemory::open(std::move(fd), sizeof(DiskControl));
  if (!memory) return failure(std::move(memory).error());
  return DiskControlMemory(std::move(*memory));
}

}  // namespace fracas::agent
