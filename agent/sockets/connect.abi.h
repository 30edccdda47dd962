#pragma once
// Every byte that the programs of connect.bpf.c and the agent share. Fixed-width types only; read by C and C++.
#include <linux/types.h>

#ifdef __cplusplus
#define FRACAS_CONNECT_ASSERT(condition, why) static_assert(condition, why)
#else
#define FRACAS_CONNECT_ASSERT(condition, why) _Static_assert(condition, why)
#endif

enum {
  FRACAS_CONNECT_PREFIXES = 65536,
};

// What becomes of a connection attempt.
enum fracas_connect_outcome {
  FRACAS_CONNECT_FAIL = 0,  // connect(2) fails at once with `error`
  FRACAS_CONNECT_HANG = 1,  // its SYNs vanish until the window's end
  FRACAS_CONNECT_SLOW = 2,  // its first SYN vanishes; the next follows after `delay_jiffies`
};

struct fracas_connect_rule {
  __s64 start_ns;        // CLOCK_BOOTTIME; acts in [start_ns, end_ns)
  __s64 end_ns;          // 0: not armed
  __s64 lease_end_ns;    // nothing acts from then on
  __u64 share_per_2_32;  // attempts hit of 2^32, up to 2^32 itself
  __u64 seed;            // of the choice among them
  __u64 drawn;           // choices made so far
  __u32 outcome;         // enum fracas_connect_outcome
  __u32 error;           // errno
  __u32 delay_jiffies;
  __u8 any_peer;  // no prefix is asked for
  __u8 any_port;
  __u8 unused[2];
};

struct fracas_connect_counts {
  __u64 matched;   // attempts in scope, inside the window
  __u64 affected;  // of those, failed, hung or slowed
  __s64 first_ns;  // CLOCK_BOOTTIME of the first and last affected one; 0: none
  __s64 last_ns;
};

// A prefix of a 128-bit address in network byte order; IPv4 addresses are ::ffff:a.b.c.d.
struct fracas_connect_prefix {
  __u32 length;  // bits, 0..128
  __u8 address[16];
};

FRACAS_CONNECT_ASSERT(sizeof(struct fracas_connect_rule) == 64, "shared layout");
FRACAS_CONNECT_ASSERT(sizeof(struct fracas_connect_counts) == 32, "shared layout");
FRACAS_CONNECT_ASSERT(sizeof(struct fracas_connect_prefix) == 20, "shared layout");
