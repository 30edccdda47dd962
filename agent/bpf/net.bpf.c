// The network data plane: judges every packet that enters or leaves an interface. Partition and loss end here, delayed
// packets are sent on a detour, everything else passes. In doubt a packet passes.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/net.logic.h"

char LICENSE[] SEC("license") = "GPL";

// Mapped into the agent's memory: arming a rule or renewing the lease is a store, not a system call.
struct fracas_net_config config;
struct fracas_net_rule rules[FRACAS_NET_RULES];
__u32 slot_ifindex[FRACAS_NET_INTERFACES];  // interface slot of a mark -> interface, for veth detours

struct prefix_table {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, FRACAS_NET_PREFIXES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct fracas_net_prefix);
  __type(value, __u64);  // bit r: rule r covers the prefix
};
struct prefix_table from_prefixes SEC(".maps");  // source addresses of packets that enter
struct prefix_table to_prefixes SEC(".maps");    // destination addresses of packets that leave

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, FRACAS_NET_RULES);
  __type(key, __u32);
  __type(value, struct fracas_net_count);
} counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, FRACAS_NET_INTERFACES);
  __type(key, __u32);    // interface index
  __type(value, __u32);  // its slot in slot_ifindex
} ifindex_slots SEC(".maps");

enum { kPass = -1, kNoDevice = 0x7ffffff0, kNoRule = -1 };

// What is known of one packet while rule after rule is asked.
struct judgement {
  __u64 rules;  // bitmap of the rules that cover its address
  __s64 now_ns;
  __u32 bytes;
  __u32 first_rule;  // rules before it have let the packet through already
  __s32 detour_rule;
  __u8 leaving;
  __u8 returned;  // from a detour
  __u8 dropped;
};

static __always_inline void count_affected(struct fracas_net_count* count, __s64 now_ns, __u32 bytes) {
  if (count->first_ns == 0) count->first_ns = now_ns;
  count->last_ns = now_ns;
  count->affected++;
  count->bytes += bytes;
}

static __always_inline int draw_drop(struct fracas_net_rule* rule) {
  if (rule->drop_per_2_32 >> 32) return 1;
  return fracas_net_drops(rule->seed, __sync_fetch_and_add(&rule->drawn, 1), rule->drop_per_2_32);
}

static __always_inline int detour_works(struct fracas_net_rule* rule, struct judgement* packet) {
  if (rule->detour == FRACAS_DETOUR_LINE) return packet->now_ns < config.line_alive_end_ns;
  return packet->now_ns < config.veth_alive_end_ns;
}

// Asks rule `index`. Returns 1 when no later rule can cover the packet.
static long judge_by_rule(__u32 index, struct judgement* packet) {
  __u64 later = packet->rules >> (index & 63);
  if (later == 0) return 1;
  if (!(later & 1) || index < packet->first_rule) return 0;
  struct fracas_net_rule* rule = &rules[index & (FRACAS_NET_RULES - 1)];
  if (!fracas_net_in_window(rule->start_ns, rule->end_ns, packet->now_ns)) return 0;
  int may_drop = rule->drop_per_2_32 != 0 && !packet->returned;
  int may_delay = packet->leaving && rule->detour != FRACAS_DETOUR_NONE && packet->detour_rule == kNoRule;
  if (!may_drop && !may_delay) return 0;
  struct fracas_net_count* count = bpf_map_lookup_elem(&counts, &index);
  if (!count) return 0;
  count->matched++;
  if (may_drop && draw_drop(rule)) {
    count_affected(count, packet->now_ns, packet->bytes);
    packet->dropped = 1;
  } else if (may_delay && detour_works(rule, packet)) {
    packet->detour_rule = (__s32)index;
  }
  return 0;
}

// The rules that cover the packet's far address; 0 for what is neither IPv4 nor IPv6.
static __always_inline __u64 rules_of(struct __sk_buff* skb, int leaving) {
  struct fracas_net_prefix key = {.length = 128};
  long failed = 1;
  if (skb->protocol == bpf_htons(ETH_P_IP)) {
    key.address[10] = 0xff;
    key.address[11] = 0xff;
    failed = bpf_skb_load_bytes_relative(skb, leaving ? 16 : 12, &key.address[12], 4, BPF_HDR_START_NET);
  } else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
    failed = bpf_skb_load_bytes_relative(skb, leaving ? 24 : 8, key.address, 16, BPF_HDR_START_NET);
  }
  if (failed) return 0;
  __u64* found = leaving ? bpf_map_lookup_elem(&to_prefixes, &key) : bpf_map_lookup_elem(&from_prefixes, &key);
  return found ? *found : 0;
}

static __always_inline int drop(int leaving) {
  if (!leaving) return TC_ACT_SHOT;
  // TC_ACT_SHOT would tell the sending socket, and its TCP would not back off as for a loss on the wire.
  if (config.silent_drop == FRACAS_DROP_BY_STOLEN) return TC_ACT_STOLEN;
  return (int)bpf_redirect(kNoDevice, 0);
}

static __always_inline int into_line(struct __sk_buff* skb, struct fracas_net_rule* rule, struct judgement* packet) {
  struct fracas_held held = {.arrived_ns = packet->now_ns,
                             .ifindex = skb->ifindex,
                             .protocol = (__be16)skb->protocol,
                             .rule = (__u8)packet->detour_rule,
                             .magic = FRACAS_HELD_MAGIC};
  if (skb->vlan_present) return kPass;  // the tag would be put into the header
  if (bpf_skb_change_head(skb, sizeof(held), 0)) return kPass;
  if (bpf_skb_store_bytes(skb, 0, &held, sizeof(held), 0)) return drop(1);  // the frame is no longer what it was
  return (int)bpf_redirect(rule->detour_ifindex, 0);
}

static __always_inline int into_veth(struct __sk_buff* skb, struct fracas_net_rule* rule, struct judgement* packet) {
  __u32 ifindex = skb->ifindex;
  __u32* slot = bpf_map_lookup_elem(&ifindex_slots, &ifindex);
  if (!slot) return kPass;
  skb->mark = fracas_net_mark(*slot, (__u32)packet->detour_rule);
  return (int)bpf_redirect(rule->detour_ifindex, 0);
}

static __always_inline int classify(struct __sk_buff* skb, int leaving) {
  struct judgement packet = {.leaving = (__u8)leaving, .detour_rule = kNoRule};
  __u32 mark = skb->mark;
  if (leaving && fracas_net_is_marked(mark)) {
    packet.returned = 1;
    packet.first_rule = fracas_net_mark_next_rule(mark);
    skb->mark = 0;
  }
  if (config.rules_armed == 0) return kPass;
  packet.now_ns = (__s64)bpf_ktime_get_boot_ns();
  if (packet.now_ns >= config.lease_end_ns) return kPass;
  packet.rules = rules_of(skb, leaving);
  if (packet.rules == 0) return kPass;
  packet.bytes = skb->len;
  bpf_loop(FRACAS_NET_RULES, judge_by_rule, &packet, 0);
  if (packet.dropped) return drop(leaving);
  if (packet.detour_rule == kNoRule) return kPass;
  struct fracas_net_rule* rule = &rules[packet.detour_rule & (FRACAS_NET_RULES - 1)];
  return rule->detour == FRACAS_DETOUR_LINE ? into_line(skb, rule, &packet) : into_veth(skb, rule, &packet);
}

SEC("tc")
int fracas_ingress(struct __sk_buff* skb) {
  return classify(skb, 0);
}

SEC("tc")
int fracas_egress(struct __sk_buff* skb) {
  return classify(skb, 1);
}

// On the far end of a veth detour: the packet has been held, and goes where it was going, its mark still on.
SEC("tc")
int fracas_return(struct __sk_buff* skb) {
  __u32 mark = skb->mark;
  if (!fracas_net_is_marked(mark)) return TC_ACT_SHOT;  // nothing of the host's own belongs on the detour
  __u32 next = fracas_net_mark_next_rule(mark);
  if (next == 0 || next > FRACAS_NET_RULES) return TC_ACT_SHOT;
  __u32 index = next - 1;
  struct fracas_net_count* count = bpf_map_lookup_elem(&counts, &index);
  if (count) count_affected(count, (__s64)bpf_ktime_get_boot_ns(), skb->len);
  return (int)bpf_redirect(slot_ifindex[fracas_net_mark_slot(mark) & (FRACAS_NET_INTERFACES - 1)], 0);
}
