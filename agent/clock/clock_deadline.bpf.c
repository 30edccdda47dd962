// Absolute CLOCK_REALTIME deadlines of processes with a shifted clock: a deadline they computed from it is turned into
// the true time on its way into the kernel, and put back into their memory on the way out. In doubt nothing is changed.
#include <linux/bpf.h>

#include <asm/unistd_64.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "agent/clock/deadline.logic.h"
#include "agent/clock/track.abi.h"

char LICENSE[] SEC("license") = "GPL";

#define NS_PER_S 1000000000LL
#define CLOCK_REALTIME 0
#define TIMER_ABSTIME 1 /* also TFD_TIMER_ABSTIME */
/* Source: linux/futex.h. */
#define FUTEX_CMD_MASK 0x7f
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_LOCK_PI 6
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_LOCK_PI2 13
#define NR_FUTEX_WAITV 449
/* it_value in an itimerspec. */
#define IT_VALUE 16
/* A timer's clock is not in the call. Deadlines of the clocks that count from the boot are far below. */
#define TEN_YEARS_NS (315360000LL * NS_PER_S)

struct pt_regs {
  unsigned long di, si, dx, r10, r8;
} __attribute__((preserve_access_index));

// Mapped into the agent's memory: two configs, of which `current` % 2 holds.
struct fracas_deadline_config config[2];
__u64 current_config;
struct fracas_deadline_counts counts;

// The tracker's: by process id, those with a shifted clock.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, FRACAS_TRACK_PROCESSES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);
  __type(value, __u8);
} patched SEC(".maps");

struct moment {
  __s64 seconds;
  __s64 nanoseconds;
};

// By thread: a deadline of its that is changed now.
struct changed {
  __u64 address;
  struct moment asked;
  struct moment written;
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, FRACAS_TRACK_PROCESSES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32);
  __type(value, struct changed);
} waiting SEC(".maps");

static __always_inline int is_patched(void) {
  __u32 process = (__u32)(bpf_get_current_pid_tgid() >> 32);
  return bpf_map_lookup_elem(&patched, &process) != 0;
}

static __always_inline int repair(__u64 address, int of_a_timer) {
  struct changed change = {.address = address};
  if (!address || bpf_probe_read_user(&change.asked, sizeof change.asked, (void*)address)) return 0;
  // As the kernel checks it; zero disarms a timer.
  if (change.asked.seconds < 0 || change.asked.seconds > NS_PER_S * 8 || change.asked.nanoseconds < 0 ||
      change.asked.nanoseconds >= NS_PER_S)
    return 0;
  __s64 asked_ns = change.asked.seconds * NS_PER_S + change.asked.nanoseconds;
  __s64 now_ns = (__s64)bpf_ktime_get_boot_ns();
  if (of_a_timer && asked_ns < now_ns + TEN_YEARS_NS) return 0;
  __s64 true_ns = fracas_true_deadline(&config[current_config & 1], asked_ns, now_ns);
  if (true_ns == asked_ns) return 0;
  // A deadline at or before the epoch is over, and zero would be none at all.
  if (true_ns < 1) true_ns = 1;
  change.written.seconds = (__s64)((__u64)true_ns / NS_PER_S);
  change.written.nanoseconds = (__s64)((__u64)true_ns % NS_PER_S);
  __u32 thread = (__u32)bpf_get_current_pid_tgid();
  if (bpf_map_update_elem(&waiting, &thread, &change, BPF_ANY)) return 0;
  if (bpf_probe_write_user((void*)address, &change.written, sizeof change.written)) {
    bpf_map_delete_elem(&waiting, &thread);
    __sync_fetch_and_add(&counts.failed, 1);
    return 0;
  }
  __sync_fetch_and_add(&counts.repaired, 1);
  return 0;
}

static __always_inline int is_realtime_futex(__u64 operation) {
  __u64 command = operation & FUTEX_CMD_MASK;
  if (command == FUTEX_LOCK_PI) return 1;
  if (!(operation & FUTEX_CLOCK_REALTIME)) return 0;
  return command == FUTEX_WAIT_BITSET || command == FUTEX_WAIT_REQUEUE_PI || command == FUTEX_LOCK_PI2;
}

SEC("raw_tracepoint/sys_enter")
int fracas_deadline_in(struct bpf_raw_tracepoint_args* context) {
  struct pt_regs* registers = (struct pt_regs*)context->args[0];
  switch (context->args[1]) {
    case __NR_futex:
      if (is_patched() && is_realtime_futex(BPF_CORE_READ(registers, si)))
        return repair(BPF_CORE_READ(registers, r10), 0);
      return 0;
    case NR_FUTEX_WAITV:
      if (is_patched() && BPF_CORE_READ(registers, r8) == CLOCK_REALTIME)
        return repair(BPF_CORE_READ(registers, r10), 0);
      return 0;
    case __NR_clock_nanosleep:
      if (is_patched() && (__u32)BPF_CORE_READ(registers, di) == CLOCK_REALTIME &&
          (BPF_CORE_READ(registers, si) & TIMER_ABSTIME))
        return repair(BPF_CORE_READ(registers, dx), 0);
      return 0;
    case __NR_timerfd_settime:
    case __NR_timer_settime:
      if (is_patched() && (BPF_CORE_READ(registers, si) & TIMER_ABSTIME) && BPF_CORE_READ(registers, dx))
        return repair(BPF_CORE_READ(registers, dx) + IT_VALUE, 1);
      return 0;
    case __NR_mq_timedsend:
    case __NR_mq_timedreceive:
      if (is_patched()) return repair(BPF_CORE_READ(registers, r8), 0);
      return 0;
  }
  return 0;
}

SEC("raw_tracepoint/sys_exit")
int fracas_deadline_out(void* context __attribute__((unused))) {
  if (!is_patched()) return 0;
  __u32 thread = (__u32)bpf_get_current_pid_tgid();
  struct changed* change = bpf_map_lookup_elem(&waiting, &thread);
  if (!change) return 0;
  struct moment found;
  // What the victim wrote there meanwhile stays.
  if (!bpf_probe_read_user(&found, sizeof found, (void*)change->address) && found.seconds == change->written.seconds &&
      found.nanoseconds == change->written.nanoseconds)
    bpf_probe_write_user((void*)change->address, &change->asked, sizeof change->asked);
  bpf_map_delete_elem(&waiting, &thread);
  return 0;
}
