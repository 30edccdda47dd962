#pragma once
#include <string>

#include "controller/plan/scene.h"

// Faults of sockets and of disks; see scene.h.
namespace fracas::model {
class DiskDelay;
class DiskError;
class DiskThrottle;
}  // namespace fracas::model

namespace fracas::controller {

Result<ResolvedFault> resolve_reset(Scene& scene);
Result<ResolvedFault> resolve_connect(Scene& scene);
Result<ResolvedFault> resolve_dns(Scene& scene);

std::string describe_disk_error(const model::DiskError& fault);
std::string describe_disk_delay(const model::DiskDelay& fault);
std::string describe_disk_throttle(const model::DiskThrottle& fault);

}  // namespace fracas::controller
