#include "agent/resources/crash_point.h"

#include <bpf/libbpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "agent/resources/crash_point.abi.h"
#include "crash_point.skel.h"
#include "lib/os/cgroup.h"

namespace fracas::agent {
namespace {

namespace fs = std::filesystem;

std::vector<long> numbers_of(CrashCall call) {
  switch (call) {
    case CrashCall::fsync:
      return {SYS_fsync, SYS_fdatasync, SYS_sync_file_range, SYS_msync, SYS_syncfs};
    case CrashCall::write:
      return {SYS_write, SYS_pwrite64, SYS_writev, SYS_pwritev, SYS_pwritev2};
    case CrashCall::send:
      return {SYS_sendto, SYS_sendmsg, SYS_sendmmsg};
    case CrashCall::rename:
#ifdef SYS_rename
      return {SYS_rename, SYS_renameat, SYS_renameat2};
#else
      return {SYS_renameat2};
#endif
  }
  return {};
}

Status check(const CrashPointOptions& options) {
  const std::size_t victims = options.victims.size() + options.processes.size();
  if (victims == 0 || victims > FRACAS_CRASH_VICTIMS)
    return failure("a crash point has 1 to " + std::to_string(FRACAS_CRASH_VICTIMS) + " victims", EINVAL);
  if (options.at == 0) return failure("calls are counted from 1", EINVAL);
  if (options.signal < 1 || options.signal >= NSIG) return failure("no such signal", EINVAL);
  return {};
}

Status set_cgroups(const CrashPointOptions& options, fracas_crash_victim* victims) {
  if (options.victims.empty()) return {};
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  for (std::size_t i = 0; i < options.victims.size(); ++i) {
    const auto place = os::cgroup_place(options.victims[i], *mount);
    if (!place) return failure(place.error());
    victims[i].cgroup = place->id;
    victims[i].level = place->level;
  }
  return {};
}

Status set_processes(const CrashPointOptions& options, fracas_crash_config& config, fracas_crash_victim* victims) {
  if (options.processes.empty()) return {};
  struct stat pids {};
  if (::stat("/proc/self/ns/pid", &pids) != 0) return system_failure("look at the PID namespace");
  config.pids_device = pids.st_dev;
  config.pids_inode = pids.st_ino;
  for (std::size_t i = 0; i < options.processes.size(); ++i)
    victims[i].process = static_cast<__u32>(options.processes[i]);
  return {};
}

}  // namespace

void CrashPoint::Destroy::operator()(crash_point_bpf* object) const {
  crash_point_bpf__destroy(object);
}
CrashPoint::CrashPoint(CrashPoint&&) noexcept = default;
CrashPoint& CrashPoint::operator=(CrashPoint&&) noexcept = default;
CrashPoint::~CrashPoint() = default;

Result<CrashPoint> CrashPoint::attach(const CrashPointOptions& options) {
  if (auto valid = check(options); !valid) return failure(std::move(valid).error());
  // libbpf writes to stderr otherwise; what it would say is in the error we return.
  libbpf_set_print(nullptr);
  std::unique_ptr<crash_point_bpf, Destroy> object(crash_point_bpf__open());
  if (!object) return system_failure("open the crash point's BPF object");
  if (const int error = crash_point_bpf__load(object.get()); error != 0)
    return system_failure("load the crash point's BPF program (it needs CAP_BPF, CAP_PERFMON and Linux 5.8)", -error);
  fracas_crash_config& config = object->bss->config;
  config.at = options.at;
  config.signal = static_cast<__u32>(options.signal);
  for (const long number : numbers_of(options.call)) config.calls[number / 64] |= __u64{1} << (number % 64);
  if (auto set = set_cgroups(options, object->bss->victim); !set) return failure(std::move(set).error());
  if (auto set = set_processes(options, config, object->bss->victim); !set) return failure(std::move(set).error());
  config.victims = static_cast<__u32>(options.victims.size() + options.processes.size());
  if (const int error = crash_point_bpf__attach(object.get()); error != 0)
    return system_failure("attach the crash point's program to the system calls", -error);
  return CrashPoint(std::move(object));
}

void CrashPoint::arm(const Window& window) {
  fracas_crash_config& config = object_->bss->config;
  __atomic_store_n(&config.end_ns, 0, __ATOMIC_SEQ_CST);
  if (window.end_ns == 0) return;  // Disarmed; what was counted stays.
  if (config.start_ns != window.start_ns)
    for (__u32 i = 0; i < config.victims; ++i) __atomic_store_n(&object_->bss->victim[i].calls, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&config.start_ns, window.start_ns, __ATOMIC_SEQ_CST);
  __atomic_store_n(&config.end_ns, window.end_ns, __ATOMIC_SEQ_CST);
}

void CrashPoint::renew(std::int64_t lease_end_ns) {
  __atomic_store_n(&object_->bss->config.lease_end_ns, lease_end_ns, __ATOMIC_SEQ_CST);
}

model::EffectCounters CrashPoint::counters() const {
  model::EffectCounters sum;
  for (__u32 i = 0; i < object_->bss->config.victims; ++i)
    sum.matched += __atomic_load_n(&object_->bss->victim[i].calls, __ATOMIC_SEQ_CST);
  for (const CrashHit& hit : hits()) {
    if (!hit.reached) continue;
    ++sum.affected;
    sum.first_ns = sum.first_ns == 0 ? hit.at_ns : std::min(sum.first_ns, hit.at_ns);
    sum.last_ns = std::max(sum.last_ns, hit.at_ns);
  }
  return sum;
}

std::vector<CrashHit> CrashPoint::hits() const {
  std::vector<CrashHit> found;
  for (__u32 i = 0; i < object_->bss->config.victims; ++i) {
    const fracas_crash_victim& victim = object_->bss->victim[i];
    const std::int64_t at_ns = __atomic_load_n(&victim.hit_ns, __ATOMIC_SEQ_CST);
    if (at_ns != 0)
      found.push_back(
          {.victim = i, .pid = static_cast<pid_t>(victim.pid), .at_ns = at_ns, .reached = victim.error == 0});
  }
  return found;
}

}  // namespace fracas::agent
