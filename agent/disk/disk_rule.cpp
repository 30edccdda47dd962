#include "agent/disk/disk_rule.h"

#include <algorithm>
#include <cerrno>

#include "agent/disk/disk_control.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr int kErrnoMax = 4095;
constexpr double kCallsMax = 1e6;
constexpr std::uint64_t kBytesMin = 1000;

}  // namespace

Status check_disk_rule(const DiskRule& rule) {
  if (rule.files.empty() || rule.files.size() >= kDiskPatternBytes)
    return failure("the pattern of files has 1 to 255 bytes", EINVAL);
  if (!(rule.share > 0 && rule.share <= 1)) return failure("the share of calls is above 0 and at most 1", EINVAL);
  if (rule.error < 0 || rule.error > kErrnoMax) return failure("an error is an errno, 1 to 4095", EINVAL);
  if (rule.delay < 0ns || rule.delay > 60s) return failure("a disk delay is at most 60s", EINVAL);
  if (!(rule.calls_per_second >= 0 && rule.calls_per_second <= kCallsMax))
    return failure("calls a second are 0 to 1000000", EINVAL);
  if (rule.bytes_per_second != 0 && rule.bytes_per_second < kBytesMin)
    return failure("bytes a second are 1000 at least", EINVAL);
  if (rule.stuck && !rule.corrupt) return failure("only wrong bits can be stuck", EINVAL);
  const bool slow = rule.delay > 0ns || rule.bytes_per_second > 0 || rule.calls_per_second > 0;
  const bool acts = rule.error != 0 || slow || rule.corrupt || rule.lose_unsynced || rule.free_bytes;
  if (!acts) return failure("the rule does nothing", EINVAL);
  return {};
}

bool needs_uncached_reads(const DiskRule& rule) {
  if (rule.corrupt) return true;
  if (rule.error == 0 && rule.delay == 0ns) return false;
  return rule.operations.empty() ||
         std::find(rule.operations.begin(), rule.operations.end(), DiskOperation::read) != rule.operations.end();
}

}  // namespace fracas::agent
