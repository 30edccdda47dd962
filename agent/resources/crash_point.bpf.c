// The crash point: signals a process of the victim as it enters the N-th of the chosen system calls. Attached to every
// system call of the host while it is prepared, so what is not concerned leaves at once. In doubt nothing is signalled.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "agent/resources/crash_point.abi.h"

char LICENSE[] SEC("license") = "GPL";

// Mapped into the agent's memory.
struct fracas_crash_config config;
struct fracas_crash_victim victim[FRACAS_CRASH_VICTIMS];

static __always_inline int is_counted(__u64 call) {
  return call < FRACAS_CRASH_CALLS && (config.calls[(call >> 6) & (FRACAS_CRASH_CALLS / 64 - 1)] >> (call & 63)) & 1;
}

static __always_inline int is_armed(__s64 now_ns) {
  return now_ns >= config.start_ns && now_ns < config.end_ns && now_ns < config.lease_end_ns;
}

static __always_inline void count(struct fracas_crash_victim* one, __u64 call, __s64 now_ns) {
  if (__sync_fetch_and_add(&one->calls, 1) + 1 != config.at) return;
  // One thread alone gets here: the counter passes this number once.
  one->pid = (__u32)(bpf_get_current_pid_tgid() >> 32);
  one->syscall = (__u32)call;
  one->error = (__s32)bpf_send_signal(config.signal);
  one->hit_ns = now_ns;
}

// The id of the process that makes the call, as the agent would call it; 0: it has none there.
static __always_inline __u32 current_process(void) {
  struct bpf_pidns_info ids = {};
  if (bpf_get_ns_current_pid_tgid(config.pids_device, config.pids_inode, &ids, sizeof ids) != 0) return 0;
  return ids.tgid;
}

static __always_inline int is_victim(const struct fracas_crash_victim* one, __u32 process) {
  if (one->cgroup == 0) return process != 0 && one->process == process;
  return bpf_get_current_ancestor_cgroup_id((int)one->level) == one->cgroup;
}

SEC("raw_tracepoint/sys_enter")
int fracas_crash_point(struct bpf_raw_tracepoint_args* context) {
  __u64 call = context->args[1];
  if (!is_counted(call)) return 0;
  __s64 now_ns = (__s64)bpf_ktime_get_boot_ns();
  if (!is_armed(now_ns)) return 0;
  __u32 process = config.pids_inode != 0 ? current_process() : 0;
  for (__u32 i = 0; i < FRACAS_CRASH_VICTIMS && i < config.victims; i++) {
    struct fracas_crash_victim* one = &victim[i & (FRACAS_CRASH_VICTIMS - 1)];
    if (is_victim(one, process)) count(one, call, now_ns);
  }
  return 0;
}
