#include "agent/disk/disk_rule.h"

#include <algorithm>
#include <cerrno>

#include "agent/disk/disk_control.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr int kErrnoMax = 4095;

}  // namespace

Status check_disk_rule(const DiskRule& rule) {
  if (rule.files.empty() || rule.files.size() >= kDiskPatternBytes)
    return failure("the pattern of files has 1 to 255 bytes", EINVAL);
  if (!(rule.share > 0 && rule.share <= 1)) return failure("the share of calls is above 0 and at most 1", EINVAL);
  if (rule.error < 0 || rule.error > kErrnoMax) return failure("an error is an errno, 1 to 4095", EINVAL);
  if (rule.delay < 0ns || rule.delay > 60s) return failure("a disk delay is at most 60s", EINVAL);
  const bool acts = rule.error != 0 || rule.delay > 0ns || rule.corrupt || rule.lose_unsynced || rule.free_bytes;
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
