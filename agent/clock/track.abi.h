/* Every byte that the process tracker's program (clock_track.bpf.c) and the agent share. Read by C and C++. */
#ifndef FRACAS_AGENT_CLOCK_TRACK_ABI_H
#define FRACAS_AGENT_CLOCK_TRACK_ABI_H
#include <linux/types.h>

enum {
  FRACAS_TRACK_VICTIMS = 16,
  FRACAS_TRACK_EVENT_BYTES = 1 << 17, /* of the queue to the agent: some 4,000 events */
  FRACAS_TRACK_PROCESSES = 16384,
  FRACAS_TRACK_FORKED = 1, /* a new process, which has not run yet */
  FRACAS_TRACK_RUNS = 2,   /* a process that runs another program now, before its first instruction */
};

/* Times are CLOCK_BOOTTIME. A program that begins inside [hold_from_ns, hold_until_ns), and before beat_until_ns, which
   a living agent keeps moving, is stopped at its first instruction until the agent continues it. */
struct fracas_track_config {
  __s64 hold_from_ns;
  __s64 hold_until_ns;
  __s64 beat_until_ns;
  __u64 lost; /* events that found the queue full; nothing is stopped then */
  __u32 victims;
  __u32 reserved;
};

/* The processes of a cgroup2 cgroup and of those below it. */
struct fracas_track_victim {
  __u64 cgroup; /* its id, the inode number of its folder */
  __u32 level;  /* how many cgroups are above it */
  __u32 reserved;
};

struct fracas_track_event {
  __u32 kind;
  __u32 pid;
  __u32 held; /* 1: it was stopped, and waits */
  __u32 reserved;
};

#ifdef __cplusplus
static_assert(sizeof(fracas_track_config) == 40 && sizeof(fracas_track_victim) == 16, "shared layout");
static_assert(sizeof(fracas_track_event) == 16, "shared layout");
#else
_Static_assert(sizeof(struct fracas_track_config) == 40, "shared layout");
_Static_assert(sizeof(struct fracas_track_victim) == 16, "shared layout");
_Static_assert(sizeof(struct fracas_track_event) == 16, "shared layout");
#endif
#endif
