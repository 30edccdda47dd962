#pragma once
// Every byte that the network classifier (net.bpf.c) and the agent share. Fixed-width types only; read by C and C++.
#include <linux/types.h>

#ifdef __cplusplus
#define FRACAS_ABI_ASSERT(condition, why) static_assert(condition, why)
#else
#define FRACAS_ABI_ASSERT(condition, why) _Static_assert(condition, why)
#endif

enum {
  FRACAS_NET_RULES = 64,        // one bit of a 64-bit bitmap each
  FRACAS_NET_PREFIXES = 65536,  // entries of each prefix table, at most
  FRACAS_NET_INTERFACES = 256,  // interfaces that a mark can tell apart, at most
};

// A packet that comes back from a delay detour carries `FRACAS_MARK | interface slot << 8 | (rule + 1)` as its mark: it
// goes on to the next delay rule instead of being judged again. The mark is cleared when the packet finally leaves.
#define FRACAS_MARK 0xfac40000u
#define FRACAS_MARK_MASK 0xffff0000u

// How a packet that leaves is dropped without its sender being told.
enum fracas_silent_drop {
  FRACAS_DROP_BY_REDIRECT = 0,  // TCX: to an interface that does not exist
  FRACAS_DROP_BY_STOLEN = 1,    // cls_bpf
};

// How a delay rule's packets leave the classifier.
enum fracas_detour {
  FRACAS_DETOUR_NONE = 0,
  FRACAS_DETOUR_LINE = 1,  // to the delay line's TAP, behind a fracas_held header
  FRACAS_DETOUR_VETH = 2,  // to a veth pair whose first end holds a netem qdisc
};

struct fracas_net_config {
  __s64 lease_end_ns;  // CLOCK_BOOTTIME; nothing acts from then on
  // CLOCK_BOOTTIME; no packet is sent on such a detour from then on, because its owner is dead or stopped.
  __s64 line_alive_end_ns;
  __s64 veth_alive_end_ns;
  __u32 rules_armed;  // 0: every packet passes at once
  __u32 silent_drop;  // enum fracas_silent_drop
};

struct fracas_net_rule {
  __s64 start_ns;       // CLOCK_BOOTTIME; acts in [start_ns, end_ns)
  __s64 end_ns;         // 0: not armed
  __u64 drop_per_2_32;  // packets dropped of 2^32, up to 2^32 itself
  __u64 seed;           // of the drop decisions
  __u64 drawn;          // drop decisions made so far
  __u32 detour;         // enum fracas_detour
  __u32 detour_ifindex;
};

// One CPU's count of one rule.
struct fracas_net_count {
  __u64 matched;   // packets that came under the rule inside its window
  __u64 affected;  // of those, dropped or, by a veth detour, held and sent on
  __u64 bytes;     // of the affected
  __s64 first_ns;  // CLOCK_BOOTTIME of the first and last affected one; 0: none
  __s64 last_ns;
};

// A prefix of a 128-bit address in network byte order; IPv4 addresses are ::ffff:a.b.c.d.
struct fracas_net_prefix {
  __u32 length;  // bits, 0..128
  __u8 address[16];
};

// Stands in front of every frame on its way into the delay line.
struct fracas_held {
  __s64 arrived_ns;  // CLOCK_BOOTTIME
  __u32 ifindex;     // the interface the frame was leaving by
  __be16 protocol;   // its EtherType
  __u8 rule;
  __u8 magic;  // FRACAS_HELD_MAGIC: anything else is not from the classifier
};
#define FRACAS_HELD_MAGIC 0xfa

FRACAS_ABI_ASSERT(sizeof(struct fracas_net_config) == 32, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_rule) == 48, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_count) == 40, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_prefix) == 20, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_held) == 16, "shared layout");
