#include "agent/clock/track.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include "agent/clock/track.abi.h"
#include "clock_track.skel.h"
#include "lib/os/cgroup.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace fracas::agent::clock {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNsPerMs = 1'000'000;

int take_event(void* events, void* data, std::size_t size) {
  fracas_track_event event{};
  if (size < sizeof event) return 0;
  event = *static_cast<const fracas_track_event*>(data);
  static_cast<std::vector<ProcessEvent>*>(events)->push_back(
      {.pid = static_cast<pid_t>(event.pid), .runs = event.kind == FRACAS_TRACK_RUNS, .held = event.held != 0});
  return 0;
}

}  // namespace

struct ProcessTracker::Queue {
  std::vector<ProcessEvent> events;
  std::unique_ptr<ring_buffer, Destroy> buffer;
};

void ProcessTracker::Destroy::operator()(clock_track_bpf* object) const {
  clock_track_bpf__destroy(object);
}
void ProcessTracker::Destroy::operator()(ring_buffer* buffer) const {
  ring_buffer__free(buffer);
}
ProcessTracker::ProcessTracker(std::unique_ptr<clock_track_bpf, Destroy> object, std::unique_ptr<Queue> queue)
    : object_(std::move(object)), queue_(std::move(queue)) {}
ProcessTracker::ProcessTracker(ProcessTracker&&) noexcept = default;
ProcessTracker& ProcessTracker::operator=(ProcessTracker&&) noexcept = default;
ProcessTracker::~ProcessTracker() = default;

Result<ProcessTracker> ProcessTracker::attach(const std::vector<fs::path>& cgroups) {
  if (cgroups.empty() || cgroups.size() > FRACAS_TRACK_VICTIMS)
    return failure(fmt::format("1 to {} cgroups can be followed", static_cast<int>(FRACAS_TRACK_VICTIMS)), EINVAL);
  auto mount = os::Cgroup::mount_point();
  if (!mount) return failure(std::move(mount).error());
  // libbpf writes to stderr otherwise; what it would say is in the error we return.
  libbpf_set_print(nullptr);
  std::unique_ptr<clock_track_bpf, Destroy> object(clock_track_bpf__open());
  if (!object) return system_failure("open the process tracker's BPF object");
  if (const int error = clock_track_bpf__load(object.get()); error != 0)
    return system_failure("load the process tracker's BPF program (it needs CAP_BPF, CAP_PERFMON and Linux 5.8)",
                          -error);
  for (std::size_t i = 0; i < cgroups.size(); ++i) {
    const auto place = os::cgroup_place(cgroups[i], *mount);
    if (!place) return failure(place.error());
    object->bss->victim[i].cgroup = place->id;
    object->bss->victim[i].level = place->level;
  }
  object->bss->config.victims = static_cast<__u32>(cgroups.size());
  auto queue = std::make_unique<Queue>();
  queue->buffer.reset(ring_buffer__new(bpf_map__fd(object->maps.events), take_event, &queue->events, nullptr));
  if (!queue->buffer) return system_failure("map the process tracker's queue");
  if (const int error = clock_track_bpf__attach(object.get()); error != 0)
    return system_failure("attach the process tracker's programs", -error);
  return ProcessTracker(std::move(object), std::move(queue));
}

void ProcessTracker::hold(std::int64_t from_ns, std::int64_t until_ns) {
  fracas_track_config& config = object_->bss->config;
  __atomic_store_n(&config.hold_until_ns, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&config.hold_from_ns, from_ns, __ATOMIC_SEQ_CST);
  __atomic_store_n(&config.hold_until_ns, until_ns, __ATOMIC_SEQ_CST);
}

void ProcessTracker::beat(std::int64_t until_ns) {
  __atomic_store_n(&object_->bss->config.beat_until_ns, until_ns, __ATOMIC_SEQ_CST);
}

std::vector<ProcessEvent> ProcessTracker::wait(Duration patience) {
  queue_->events.clear();
  ring_buffer__poll(queue_->buffer.get(), static_cast<int>(patience.count() / kNsPerMs));
  return std::exchange(queue_->events, {});
}

std::uint64_t ProcessTracker::lost() const {
  return __atomic_load_n(&object_->bss->config.lost, __ATOMIC_SEQ_CST);
}

void ProcessTracker::mark_patched(pid_t pid) {
  const auto key = static_cast<__u32>(pid);
  const __u8 yes = 1;
  // A full map costs that process the repair of its deadlines.
  static_cast<void>(::bpf_map_update_elem(patched_map(), &key, &yes, BPF_ANY));
}

int ProcessTracker::patched_map() const {
  return bpf_map__fd(object_->maps.patched);
}

// The process is stopped on its way out of execve, whose number is still in its registers, in every thread there is.
// Source: proc_pid_stat(5), proc_pid_syscall(5).
bool is_held(pid_t pid) {
  const std::string folder = fmt::format("/proc/{}/", pid);
  const std::string stat = os::read_file(folder + "stat").value_or("");
  const std::size_t end = stat.rfind(") ");
  if (end == std::string::npos || stat.size() <= end + 2 || stat[end + 2] != 'T') return false;
  const std::string call = os::read_file(folder + "syscall").value_or("");
  const long number = std::strtol(call.c_str(), nullptr, 10);
  return number == SYS_execve || number == SYS_execveat;
}

// SIGCONT also takes back a SIGSTOP that is still on its way.
void let_go(pid_t pid) {
  ::kill(pid, SIGCONT);
}

void let_go_held(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids) {
    const os::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (process && is_held(pid)) ::syscall(SYS_pidfd_send_signal, process.get(), SIGCONT, nullptr, 0);
  }
}

}  // namespace fracas::agent::clock
