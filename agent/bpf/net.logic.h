#pragma once
// The classifier's decisions, without any kernel helper: the BPF program calls them, and so do unit tests.
#include "agent/bpf/net.abi.h"

// The n-th number of the stream `seed`, n from 0. Source: Steele, Lea and Flood, splitmix64.
static inline __u64 fracas_net_random(__u64 seed, __u64 n) {
  __u64 x = seed + (n + 1) * 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

// Whether the n-th packet under a rule is hit.
static inline int fracas_net_hits(__u64 seed, __u64 n, __u64 hit_per_2_32) {
  return (fracas_net_random(seed, n) >> 32) < hit_per_2_32;
}

// Moves the chain before the n-th packet, then says whether the packet is lost.
static inline int fracas_net_burst_hits(const struct fracas_net_burst* burst, __u32* in_bad_state, __u64 seed,
                                        __u64 n) {
  __u64 random = fracas_net_random(seed, n);
  __u64 move = random >> 32;
  __u32 bad = *in_bad_state ? move >= burst->leave_per_2_32 : move < burst->enter_per_2_32;
  *in_bad_state = bad;
  return (random & 0xffffffffu) < (bad ? burst->loss_bad_per_2_32 : burst->loss_good_per_2_32);
}

// The number of the lowest bit that is set. REQUIRES: one is. Without branches, which the verifier would follow one by
// one. Source: Leiserson, Prokop and Randall, "Using de Bruijn sequences to index a 1 in a computer word", 1998.
static const __u8 fracas_net_bit_numbers[64] = {0,  1,  48, 2,  57, 49, 28, 3,  61, 58, 50, 42, 38, 29, 17, 4,
                                                62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
                                                63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
                                                46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6};
static inline __u32 fracas_net_lowest(__u64 bits) {
  return fracas_net_bit_numbers[((bits & -bits) * 0x03f79d71b4cb0a89ull) >> 58];
}

// One end of a flow; `high` and `low` are the halves of its 128-bit address.
static inline __u64 fracas_net_endpoint(__u64 high, __u64 low, __u16 port) {
  return fracas_net_random(fracas_net_random(high, port), low);
}

// The same for both directions of a flow, whose two ends these are.
static inline __u64 fracas_net_flow(__u64 one_end, __u64 other_end, __u8 protocol) {
  return fracas_net_random(one_end + other_end, protocol);
}

static inline int fracas_net_covers_flow(__u64 flow, __u64 seed, __u64 flow_per_2_32) {
  return (fracas_net_random(flow, seed) >> 32) < flow_per_2_32;
}

static inline int fracas_net_in_range(const struct fracas_net_ports* range, __u16 port) {
  return port >= range->first && port <= range->last;
}

// DNS names differ in case alone nowhere. The lengths in front of labels are below every letter.
static inline __u8 fracas_net_dns_lower(__u8 byte) {
  return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

// Whether the port is in a set of FRACAS_NET_PORT_WORDS words.
static inline int fracas_net_has_port(const __u64* set, __u16 port) {
  return (set[port >> 6] >> (port & 63)) & 1;
}

static inline int fracas_net_in_window(__s64 start_ns, __s64 end_ns, __s64 now_ns) {
  return now_ns >= start_ns && now_ns < end_ns;
}

static inline int fracas_net_is_marked(__u32 mark) {
  return (mark & FRACAS_MARK_MASK) == FRACAS_MARK;
}

static inline __u32 fracas_net_mark(__u32 interface_slot, __u32 rule) {
  return FRACAS_MARK | (interface_slot & 0xff) << 8 | ((rule + 1) & 0x7f);
}

// The first rule a packet with this mark has not been through.
static inline __u32 fracas_net_mark_next_rule(__u32 mark) {
  return mark & 0x7f;
}

// Whether a marked packet was held on its way in. Answers carry no rule.
static inline int fracas_net_is_arriving(__u32 mark) {
  return (mark & FRACAS_MARK_ARRIVING) && fracas_net_mark_next_rule(mark) != 0;
}

static inline __u32 fracas_net_mark_slot(__u32 mark) {
  return (mark >> 8) & 0xff;
}
