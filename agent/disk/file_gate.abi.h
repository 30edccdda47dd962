#pragma once
// Every byte that the programs of file_gate.bpf.c and the agent share. Fixed-width types only; read by C and C++.
#include <linux/types.h>

#ifdef __cplusplus
#define FRACAS_GATE_ASSERT(condition, why) static_assert(condition, why)
#else
#define FRACAS_GATE_ASSERT(condition, why) _Static_assert(condition, why)
#endif

enum {
  FRACAS_GATE_DEPTH = 64,  // folders above a file that are looked at
};

// The bits of `operations`, as DiskOperation numbers them.
enum fracas_gate_operation {
  FRACAS_GATE_OPEN = 0,
  FRACAS_GATE_READ = 1,
  FRACAS_GATE_WRITE = 2,
  FRACAS_GATE_RENAME = 4,
};

struct fracas_gate_rule {
  __s64 start_ns;         // CLOCK_BOOTTIME; acts in [start_ns, end_ns)
  __s64 end_ns;           // 0: not armed
  __s64 lease_end_ns;     // nothing acts from then on
  __u64 share_per_2_32;   // calls hit of 2^32, up to 2^32 itself
  __u64 seed;             // of the choice among them
  __u64 drawn;            // choices made so far
  __u64 cgroup;           // of the victim: its id, the inode number of its folder
  __u64 folder;           // the address of its inode in the kernel; 0: not learned
  __u32 level;            // how many cgroups are above the victim's
  __u32 learner;          // the thread whose next open(2) tells `folder`; 0: none
  __u32 operations;       // bits
  __u32 errno_minus_one;  // of what fails; 0..254
};

struct fracas_gate_counts {
  __u64 matched;   // calls in scope, inside the window
  __u64 affected;  // of those, failed
  __s64 first_ns;  // CLOCK_BOOTTIME of the first and last that failed; 0: none
  __s64 last_ns;
};

FRACAS_GATE_ASSERT(sizeof(struct fracas_gate_rule) == 80, "shared layout");
FRACAS_GATE_ASSERT(sizeof(struct fracas_gate_counts) == 32, "shared layout");
