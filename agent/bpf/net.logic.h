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

// Whether the n-th packet under a rule is dropped.
static inline int fracas_net_drops(__u64 seed, __u64 n, __u64 drop_per_2_32) {
  return (fracas_net_random(seed, n) >> 32) < drop_per_2_32;
}

static inline int fracas_net_in_window(__s64 start_ns, __s64 end_ns, __s64 now_ns) {
  return now_ns >= start_ns && now_ns < end_ns;
}

static inline int fracas_net_is_marked(__u32 mark) {
  return (mark & FRACAS_MARK_MASK) == FRACAS_MARK;
}

static inline __u32 fracas_net_mark(__u32 interface_slot, __u32 rule) {
  return FRACAS_MARK | (interface_slot & 0xff) << 8 | ((rule + 1) & 0xff);
}

// The first rule a packet with this mark has not been through.
static inline __u32 fracas_net_mark_next_rule(__u32 mark) {
  return mark & 0xff;
}

static inline __u32 fracas_net_mark_slot(__u32 mark) {
  return (mark >> 8) & 0xff;
}
