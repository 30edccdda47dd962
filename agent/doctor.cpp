#include "agent/doctor.h"

#include "lib/os/cgroup.h"
#include "lib/os/probe.h"

namespace fracas::agent {
namespace {

NetSupport kill_support() {
  const auto works = os::probe_pidfd();
  if (!works) return {.kind = "process.kill", .mechanism = "", .accuracy = "", .missing = works.error().message};
  return {.kind = "process.kill",
          .available = true,
          .mechanism = "pidfd",
          .accuracy = "every process of the service",
          .missing = ""};
}

NetSupport pause_support() {
  const auto works = os::probe_freezer();
  if (works)
    return {.kind = "process.pause",
            .available = true,
            .mechanism = "freezer",
            .accuracy = "all processes at once",
            .missing = ""};
  // Without cgroup2 the processes are stopped one by one, which their parents can see.
  if (!os::Cgroup::mount_point() && os::probe_pidfd())
    return {.kind = "process.pause",
            .available = true,
            .mechanism = "sigstop",
            .accuracy = "one process after the other",
            .missing = ""};
  return {.kind = "process.pause", .mechanism = "", .accuracy = "", .missing = works.error().message};
}

}  // namespace

std::vector<NetSupport> examine() {
  std::vector<NetSupport> support = probe_net_support();
  support.push_back(kill_support());
  support.push_back(pause_support());
  return support;
}

}  // namespace fracas::agent
