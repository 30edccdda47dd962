/* Every byte that the program that repairs deadlines (clock_deadline.bpf.c) and the agent share. Read by C and C++. */
#ifndef FRACAS_AGENT_CLOCK_DEADLINE_ABI_H
#define FRACAS_AGENT_CLOCK_DEADLINE_ABI_H
#include <linux/types.h>

/* How the victims' REALTIME is shifted, as fracas_clock_group says it, but in CLOCK_BOOTTIME. */
struct fracas_deadline_config {
  __s64 start_ns;
  __s64 end_ns;
  __s64 ahead_ns; /* true REALTIME - BOOTTIME */
  __s64 offset_ns;
  __s64 rate_q32;
  __u64 inverse_q30; /* 2^30 / (1 + rate): true time that passes in a second of the victim's */
  __s64 amplitude_ns;
  __u64 period_ns; /* 0: no strobe */
};

struct fracas_deadline_counts {
  __u64 repaired;
  __u64 failed; /* in memory that cannot be written: the deadline was left as it was */
};

#ifdef __cplusplus
static_assert(sizeof(fracas_deadline_config) == 64, "shared layout");
#else
_Static_assert(sizeof(struct fracas_deadline_config) == 64, "shared layout");
#endif
#endif
