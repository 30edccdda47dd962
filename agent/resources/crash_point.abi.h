#pragma once
// Every byte that the crash point's program (crash_point.bpf.c) and the agent share. Fixed-width types only; read by C
// and C++.
#include <linux/types.h>

#ifdef __cplusplus
#define FRACAS_ABI_ASSERT(condition, why) static_assert(condition, why)
#else
#define FRACAS_ABI_ASSERT(condition, why) _Static_assert(condition, why)
#endif

enum {
  FRACAS_CRASH_VICTIMS = 16,
  FRACAS_CRASH_CALLS = 512,  // system call numbers are below
};

struct fracas_crash_config {
  __s64 start_ns;      // CLOCK_BOOTTIME; acts in [start_ns, end_ns)
  __s64 end_ns;        // 0: not armed
  __s64 lease_end_ns;  // nothing acts from then on
  __u64 at;            // acts at this call of a victim, counted from 1 since the window's start
  __u32 signal;
  __u32 victims;                         // how many of `victim` are in use
  __u64 calls[FRACAS_CRASH_CALLS / 64];  // bit n: system call n counts
  __u64 pids_device;                     // of the file that stands for the PID namespace of `process`
  __u64 pids_inode;
};

// One victim: a process, or the processes of a cgroup2 cgroup and of those below it.
struct fracas_crash_victim {
  __u64 cgroup;  // its id, the inode number of its folder; 0: `process` is meant
  __u32 level;   // how many cgroups are above it
  __u32 pid;     // of the process that was signalled
  __u64 calls;   // counted
  __s64 hit_ns;  // CLOCK_BOOTTIME of the signal; 0: none yet
  __u32 syscall;
  __s32 error;    // of the signal, 0 or -errno
  __u32 process;  // its id in the agent's PID namespace
  __u32 unused;
};

FRACAS_ABI_ASSERT(sizeof(struct fracas_crash_config) == 120, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_crash_victim) == 48, "shared layout");
