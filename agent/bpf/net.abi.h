#pragma once
// Every byte that the network classifier (net.bpf.c) and the agent share. Fixed-width types only; read by C and C++.
#include <linux/types.h>

#ifdef __cplusplus
#define FRACAS_ABI_ASSERT(condition, why) static_assert(condition, why)
#else
#define FRACAS_ABI_ASSERT(condition, why) _Static_assert(condition, why)
#endif

enum {
  FRACAS_NET_RULES = 64,         // one bit of a 64-bit bitmap each
  FRACAS_NET_PREFIXES = 65536,   // entries of each table of addresses, at most
  FRACAS_NET_INTERFACES = 256,   // interfaces that a mark can tell apart, at most
  FRACAS_NET_PORT_RANGES = 8,    // of one rule, at most
  FRACAS_NET_OPENED = 65536,     // connections that an established-only cut knows to be new, at most
  FRACAS_NET_PORT_WORDS = 1024,  // of a set of ports, a bit each
  FRACAS_NET_DNS_NAMES = 4096,   // entries of the table of DNS names, at most
  FRACAS_NET_DNS_WHOLE = 0xff,   // see fracas_net_dns_key
  FRACAS_NET_CGROUPS = 1024,
  FRACAS_NET_CGROUP_LEVELS = 12,  // of a cgroup that a rule is limited to, at most
};

// A packet that comes back from a detour, and a duplicate, carries `FRACAS_MARK | interface slot << 8 | (rule + 1)` as
// its mark: it goes on to the rules behind that one instead of being judged again. The mark is cleared when the packet
// finally leaves or arrives.
#define FRACAS_MARK 0xfac40000u
#define FRACAS_MARK_MASK 0xffff0000u
// Set beside a rule, it was held on its way in. It comes back to where packets leave, and is turned round there: by the
// interface that it came by, or at the end of a veth detour.
#define FRACAS_MARK_ARRIVING 0x80u
// A reset or an ICMP error that answers a rejected packet: no rule judges it.
#define FRACAS_MARK_ANSWER (FRACAS_MARK | 0x80u)

// The order in which rules that cover one packet act, whichever was armed first. A packet that one stage takes away is
// not seen by later ones; within a stage rules act in the order of their numbers.
enum fracas_stage {
  FRACAS_STAGE_PARTITION = 0,
  FRACAS_STAGE_LOSS = 1,
  FRACAS_STAGE_DNS = 2,
  FRACAS_STAGE_CORRUPT = 3,
  FRACAS_STAGE_DUPLICATE = 4,
  FRACAS_STAGE_BANDWIDTH = 5,
  FRACAS_STAGE_DELAY = 6,
  FRACAS_STAGE_REORDER = 7,
  FRACAS_STAGES = 8,
};

// What a rule does to a packet it hits.
enum fracas_act {
  FRACAS_ACT_DROP = 0,
  FRACAS_ACT_DROP_BURSTS = 1,       // by the chain of fracas_net_burst
  FRACAS_ACT_REJECT = 2,            // drop and answer
  FRACAS_ACT_DROP_NEW = 3,          // TCP connection requests
  FRACAS_ACT_DROP_ESTABLISHED = 4,  // TCP but for connections that were opened inside the window
  FRACAS_ACT_CORRUPT = 5,           // flips a bit of the payload and keeps its checksum right
  FRACAS_ACT_DUPLICATE = 6,
  FRACAS_ACT_DETOUR = 7,  // sends it on the rule's detour
  FRACAS_ACT_DNS = 8,     // drops the query and, unless its answer is silence, answers it; packets that leave only
};

// How a packet that leaves is dropped without its sender being told.
enum fracas_silent_drop {
  FRACAS_DROP_BY_REDIRECT = 0,  // TCX: to an interface that does not exist
  FRACAS_DROP_BY_STOLEN = 1,    // cls_bpf
};

// How packets of FRACAS_ACT_DETOUR leave the classifier.
enum fracas_detour {
  FRACAS_DETOUR_NONE = 0,
  FRACAS_DETOUR_LINE = 1,    // to a delay line's TAP, behind a fracas_held header
  FRACAS_DETOUR_VETH = 2,    // to a veth pair whose first end holds a qdisc of ours
  FRACAS_DETOUR_FRAMES = 3,  // as LINE, to the line that takes frames as they are on a wire
};

// The tables of addresses that hold anything.
enum fracas_net_tables {
  FRACAS_TABLE_HOSTS = 1,     // whole addresses
  FRACAS_TABLE_PREFIXES = 2,  // shorter ones
};

struct fracas_net_config {
  __s64 lease_end_ns;  // CLOCK_BOOTTIME; nothing acts from then on
  // CLOCK_BOOTTIME; no packet is sent on such a detour from then on, because its owner is dead or stopped.
  __s64 line_alive_end_ns;
  __s64 veth_alive_end_ns;
  __s64 frames_alive_end_ns;
  __u32 rules_armed;  // 0: every packet passes at once
  __u32 silent_drop;  // enum fracas_silent_drop
  __u32 tables;       // bits of enum fracas_net_tables; the others are not looked at
};

// The rules that cover one far address, or prefix of addresses: bit r for rule r.
struct fracas_net_cover {
  __u64 from;  // for packets that enter from there
  __u64 to;    // for packets that leave to there
};

// A Gilbert-Elliott chain; probabilities of 2^32, up to 2^32 itself.
struct fracas_net_burst {
  __u64 enter_per_2_32;  // from the good state to the bad one, before each packet
  __u64 leave_per_2_32;  // and back
  __u64 loss_good_per_2_32;
  __u64 loss_bad_per_2_32;
};

struct fracas_net_ports {
  __u16 first;  // host byte order, both included
  __u16 last;
};

struct fracas_net_rule {
  __s64 start_ns;       // CLOCK_BOOTTIME; acts in [start_ns, end_ns)
  __s64 end_ns;         // 0: not armed
  __u64 hit_per_2_32;   // packets hit of 2^32, up to 2^32 itself
  __u64 flow_per_2_32;  // flows covered of 2^32
  __u64 seed;           // of the draws
  __u64 flow_seed;      // of the choice of flows
  __u64 drawn;          // draws made so far
  struct fracas_net_burst burst;
  __u32 in_bad_state;
  __u32 detour;  // enum fracas_detour
  __u32 detour_ifindex;
  __u8 act;          // enum fracas_act
  __u8 protocol;     // IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP for both ICMPs; 0: any
  __u8 port_ranges;  // 0: any port
  __u8 unused;
  struct fracas_net_ports ports[FRACAS_NET_PORT_RANGES];
};

// One CPU's count of one rule.
struct fracas_net_count {
  __u64 matched;   // packets that came under the rule inside its window
  __u64 affected;  // of those, dropped, corrupted, duplicated or, by a veth detour, held and sent on
  __u64 bytes;     // of the affected
  __s64 first_ns;  // CLOCK_BOOTTIME of the first and last affected one; 0: none
  __s64 last_ns;
};

// A prefix of a 128-bit address in network byte order; IPv4 addresses are ::ffff:a.b.c.d.
struct fracas_net_host {
  __u8 address[16];
};
struct fracas_net_prefix {
  __u32 length;  // bits, 0..128
  __u8 address[16];
};

// A prefix of a DNS name: its bytes as on the wire, in lower case and in reverse order, so that the names above it are
// its prefixes. Behind a whole name stands FRACAS_NET_DNS_WHOLE, which no length byte is.
struct fracas_net_dns_key {
  __u32 length;  // bits
  __u8 bytes[256];
};

// What a rule of FRACAS_ACT_DNS answers. Addresses in network byte order; without one of the asked kind the name exists
// and has none.
struct fracas_net_dns_answer {
  __u8 silent;  // no answer
  __u8 code;    // of the answer's header, 4 bits: 0 is one with addresses
  __u8 has_ipv4;
  __u8 has_ipv6;
  __u8 ipv4[16];  // the first four
  __u8 ipv6[16];
};

// Stands in front of every frame on its way into the delay line.
struct fracas_held {
  __s64 arrived_ns;  // CLOCK_BOOTTIME
  __u32 ifindex;     // the interface the frame was leaving, or arriving, by
  __be16 protocol;   // its EtherType
  __u8 rule;
  __u8 magic;  // one of these two: anything else is not from the classifier
};
#define FRACAS_HELD_LEAVING 0xfa
#define FRACAS_HELD_ARRIVING 0xfb

FRACAS_ABI_ASSERT(sizeof(struct fracas_net_config) == 48, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_rule) == 136, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_dns_key) == 260, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_dns_answer) == 36, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_count) == 40, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_prefix) == 20, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_host) == 16, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_net_cover) == 16, "shared layout");
FRACAS_ABI_ASSERT(sizeof(struct fracas_held) == 16, "shared layout");
