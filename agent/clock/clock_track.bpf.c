// Tells the agent at once of every process that a victim starts, and of every program it begins; the latter waits,
// stopped, until the agent has looked at it. Also knows which processes have the agent's patch: a child inherits it, a
// new program has lost it. In doubt nothing is stopped.
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "agent/clock/track.abi.h"

char LICENSE[] SEC("license") = "GPL";

#define SIGNAL_STOP 19

struct task_struct {
  int pid;
  int tgid;
} __attribute__((preserve_access_index));

// Mapped into the agent's memory.
struct fracas_track_config config;
struct fracas_track_victim victim[FRACAS_TRACK_VICTIMS];

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, FRACAS_TRACK_EVENT_BYTES);
} events SEC(".maps");

// By process id.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, FRACAS_TRACK_PROCESSES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);
  __type(value, __u8);
} patched SEC(".maps");

static __always_inline int is_victim(void) {
  for (__u32 i = 0; i < FRACAS_TRACK_VICTIMS && i < config.victims; i++) {
    struct fracas_track_victim* one = &victim[i & (FRACAS_TRACK_VICTIMS - 1)];
    if (bpf_get_current_ancestor_cgroup_id((int)one->level) == one->cgroup) return 1;
  }
  return 0;
}

static __always_inline int must_wait(void) {
  __s64 now_ns = (__s64)bpf_ktime_get_boot_ns();
  return now_ns >= config.hold_from_ns && now_ns < config.hold_until_ns && now_ns < config.beat_until_ns;
}

static __always_inline void tell(__u32 kind, __u32 pid) {
  struct fracas_track_event* event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
  if (!event) {
    __sync_fetch_and_add(&config.lost, 1);
    return;
  }
  event->kind = kind;
  event->pid = pid;
  event->held = kind == FRACAS_TRACK_RUNS && must_wait() && bpf_send_signal(SIGNAL_STOP) == 0;
  event->reserved = 0;
  bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

SEC("raw_tracepoint/sched_process_fork")
int fracas_track_fork(struct bpf_raw_tracepoint_args* context) {
  __u32 parent = (__u32)(bpf_get_current_pid_tgid() >> 32);
  struct task_struct* child = (struct task_struct*)context->args[1];
  __u32 pid = (__u32)BPF_CORE_READ(child, tgid);
  if (pid == parent) return 0;  // a thread
  __u8 yes = 1;
  if (bpf_map_lookup_elem(&patched, &parent)) bpf_map_update_elem(&patched, &pid, &yes, BPF_ANY);
  if (is_victim()) tell(FRACAS_TRACK_FORKED, pid);
  return 0;
}

SEC("raw_tracepoint/sched_process_exec")
int fracas_track_exec(void* context __attribute__((unused))) {
  __u32 pid = (__u32)(bpf_get_current_pid_tgid() >> 32);
  bpf_map_delete_elem(&patched, &pid);
  if (is_victim()) tell(FRACAS_TRACK_RUNS, pid);
  return 0;
}

SEC("raw_tracepoint/sched_process_exit")
int fracas_track_exit(void* context __attribute__((unused))) {
  __u64 both = bpf_get_current_pid_tgid();
  __u32 pid = (__u32)(both >> 32);
  if (pid == (__u32)both) bpf_map_delete_elem(&patched, &pid);
  return 0;
}
