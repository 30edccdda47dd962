// The network data plane: judges every packet that enters or leaves an interface. Partition and loss end here, silent
// corruption and duplication happen here, what has to be held goes on a detour, all else passes. In doubt a packet
// passes.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/net.dns.h"

char LICENSE[] SEC("license") = "GPL";

// Mapped into the agent's memory: arming a rule or renewing the lease is a store, not a system call.
struct fracas_net_config config;
struct fracas_net_rule rules[FRACAS_NET_RULES];
__u32 slot_ifindex[FRACAS_NET_INTERFACES];  // interface slot of a mark -> interface, for veth detours
__u64 stage_rules[FRACAS_STAGES];           // bit r: rule r belongs to the stage
__u64 cgroup_bound;                         // bit r: rule r covers what the senders of cgroup_rules send alone
__u64 spared_ports[FRACAS_NET_PORT_WORDS];  // no packet from or to one of them is judged

// Single hosts are not in the trie, which takes several times as long to change.
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, FRACAS_NET_PREFIXES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct fracas_net_host);
  __type(value, struct fracas_net_cover);
} hosts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, FRACAS_NET_PREFIXES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct fracas_net_prefix);
  __type(value, struct fracas_net_cover);
} prefixes SEC(".maps");

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

// Connections whose opening an established-only cut has seen inside its window, by fracas_net_random(flow, rule's
// start).
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, FRACAS_NET_OPENED);
  __type(key, __u64);
  __type(value, __u8);
} opened SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, FRACAS_NET_CGROUPS);
  __type(key, __u64);    // id of a cgroup
  __type(value, __u64);  // bit r: rule r covers what it and all below it send
} cgroup_rules SEC(".maps");

enum { kPass = -1, kNoDevice = 0x7ffffff0, kNoRule = -1 };

// What is known of one packet while rule after rule is asked.
struct judgement {
  __u64 asking;  // bitmap of the rules of the present stage that are still to be asked
  __s64 now_ns;
  struct fracas_packet packet;
  __u32 bytes;
  __s32 corrupt_rule;  // rules that act when all are asked
  __s32 duplicate_rule;
  __s32 detour_rule;
  __s32 dns_rule;
  __u64 corrupt_random;
  __u8 leaving;
  __u8 dropped;
  __u8 rejected;
};

static __always_inline void count_affected(struct fracas_net_count* count, __s64 now_ns, __u32 bytes) {
  if (count->first_ns == 0) count->first_ns = now_ns;
  count->last_ns = now_ns;
  count->affected++;
  count->bytes += bytes;
}

static __always_inline void count_rule(__s32 rule, struct judgement* judged) {
  __u32 index = (__u32)rule;
  struct fracas_net_count* count = bpf_map_lookup_elem(&counts, &index);
  if (count) count_affected(count, judged->now_ns, judged->bytes);
}

static __always_inline int detour_works(struct fracas_net_rule* rule, struct judgement* judged) {
  if (rule->detour == FRACAS_DETOUR_LINE) return judged->now_ns < config.line_alive_end_ns;
  if (rule->detour == FRACAS_DETOUR_FRAMES) return judged->now_ns < config.frames_alive_end_ns;
  return rule->detour == FRACAS_DETOUR_VETH && judged->now_ns < config.veth_alive_end_ns;
}

static __always_inline int in_scope(struct fracas_net_rule* rule, struct judgement* judged) {
  struct fracas_packet* packet = &judged->packet;
  if (rule->protocol != 0 && rule->protocol != packet->protocol) return 0;
  if (!(rule->flow_per_2_32 >> 32) && !fracas_net_covers_flow(packet->flow, rule->flow_seed, rule->flow_per_2_32))
    return 0;
  if (rule->port_ranges == 0) return 1;
  if (!packet->has_ports) return 0;
  for (__u32 i = 0; i < FRACAS_NET_PORT_RANGES; ++i) {
    if (i >= rule->port_ranges) break;
    if (fracas_net_in_range(&rule->ports[i], packet->source)) return 1;
    if (fracas_net_in_range(&rule->ports[i], packet->destination)) return 1;
  }
  return 0;
}

static __always_inline int cuts_established(struct fracas_net_rule* rule, struct judgement* judged) {
  if (judged->packet.protocol != IPPROTO_TCP || !judged->packet.has_ports) return 0;
  __u64 key = fracas_net_random(judged->packet.flow, (__u64)rule->start_ns);
  __u8 one = 1;
  if (judged->packet.tcp_flags & kTcpSyn) {
    bpf_map_update_elem(&opened, &key, &one, BPF_ANY);
    return 0;
  }
  return bpf_map_lookup_elem(&opened, &key) == 0;
}

// Whether the rule acts on this packet that is in its scope.
static __always_inline int hits(struct fracas_net_rule* rule, struct judgement* judged) {
  if (rule->act == FRACAS_ACT_DROP_NEW) return (judged->packet.tcp_flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
  if (rule->act == FRACAS_ACT_DROP_ESTABLISHED) return cuts_established(rule, judged);
  if (rule->act == FRACAS_ACT_DETOUR && !detour_works(rule, judged)) return 0;
  if (rule->act == FRACAS_ACT_DROP_BURSTS)
    return fracas_net_burst_hits(&rule->burst, &rule->in_bad_state, rule->seed, __sync_fetch_and_add(&rule->drawn, 1));
  if (rule->hit_per_2_32 >> 32 && rule->act != FRACAS_ACT_CORRUPT) return 1;
  __u64 n = __sync_fetch_and_add(&rule->drawn, 1);
  judged->corrupt_random = fracas_net_random(~rule->seed, n);
  return fracas_net_hits(rule->seed, n, rule->hit_per_2_32);
}

// Returns 1 if the rule acts for its stage. Global, so that the verifier looks at it once.
__noinline int ask_rule(__u32 index, struct judgement* judged) {
  if (!judged) return 0;
  index &= FRACAS_NET_RULES - 1;
  struct fracas_net_rule* rule = &rules[index];
  if (!fracas_net_in_window(rule->start_ns, rule->end_ns, judged->now_ns) || !in_scope(rule, judged)) return 0;
  struct fracas_net_count* count = bpf_map_lookup_elem(&counts, &index);
  if (!count) return 0;
  count->matched++;
  if (!hits(rule, judged)) return 0;
  if (rule->act == FRACAS_ACT_DETOUR) {
    judged->detour_rule = (__s32)index;
  } else if (rule->act == FRACAS_ACT_CORRUPT) {
    judged->corrupt_rule = (__s32)index;
  } else if (rule->act == FRACAS_ACT_DUPLICATE) {
    judged->duplicate_rule = (__s32)index;
  } else {
    count_affected(count, judged->now_ns, judged->bytes);
    judged->dropped = 1;
    judged->rejected = rule->act == FRACAS_ACT_REJECT;
    if (rule->act == FRACAS_ACT_DNS) judged->dns_rule = (__s32)index;
  }
  return 1;
}

// Asks the next rule of the stage. Returns 1 when there is none, or one acts.
static long ask_next(__u32 turn, struct judgement* judged) {
  (void)turn;
  if (judged->asking == 0) return 1;
  __u32 index = fracas_net_lowest(judged->asking);
  judged->asking &= judged->asking - 1;
  return ask_rule(index, judged) != 0;
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
  struct fracas_net_cover* found = 0;
  if (config.tables & FRACAS_TABLE_HOSTS) found = bpf_map_lookup_elem(&hosts, key.address);
  if (!found && (config.tables & FRACAS_TABLE_PREFIXES)) found = bpf_map_lookup_elem(&prefixes, &key);
  if (!found) return 0;
  return leaving ? found->to : found->from;
}

static __always_inline int drop(int leaving) {
  if (!leaving) return TC_ACT_SHOT;
  // TC_ACT_SHOT would tell the sending socket, and its TCP would not back off as for a loss on the wire.
  if (config.silent_drop == FRACAS_DROP_BY_STOLEN) return TC_ACT_STOLEN;
  return (int)bpf_redirect(kNoDevice, 0);
}

static __always_inline int into_line(struct __sk_buff* skb, struct fracas_net_rule* rule, struct judgement* judged) {
  struct fracas_held held = {.arrived_ns = judged->now_ns,
                             .ifindex = skb->ifindex,
                             .protocol = (__be16)skb->protocol,
                             .rule = (__u8)judged->detour_rule,
                             .magic = judged->leaving ? FRACAS_HELD_LEAVING : FRACAS_HELD_ARRIVING};
  if (skb->vlan_present) return kPass;  // the tag would be put into the header
  if (bpf_skb_change_head(skb, sizeof(held), 0)) return kPass;
  if (bpf_skb_store_bytes(skb, 0, &held, sizeof(held), 0)) return drop(judged->leaving);  // it is no longer what it was
  return (int)bpf_redirect(rule->detour_ifindex, 0);
}

static __always_inline int into_veth(struct __sk_buff* skb, struct fracas_net_rule* rule, struct judgement* judged) {
  __u32 ifindex = skb->ifindex;
  __u32* slot = bpf_map_lookup_elem(&ifindex_slots, &ifindex);
  if (!slot) return kPass;
  __u32 mark = fracas_net_mark(*slot, (__u32)judged->detour_rule);
  set_mark(skb, judged->leaving ? mark : mark | FRACAS_MARK_ARRIVING);
  return (int)bpf_redirect(rule->detour_ifindex, 0);
}

// The rules of `stage` behind the one the packet has been through.
static __always_inline __u64 rules_behind(__u32 stage, __u32 rule) {
  __u64 bit = 1ull << (rule & 63);
  __u64 later = ~(bit | (bit - 1));
  for (__u32 passed = 0; passed < FRACAS_STAGES; ++passed)
    if (stage_rules[passed] & bit) return stage < passed ? 0 : stage == passed ? later : ~0ull;
  return 0;  // the rule is gone: let the packet through
}

// Asks stage after stage. `mark`: the packet's, if it has been through some of them.
// True once it is decided where the packet goes.
static __always_inline int decided_by(__u32 stage, __u64 covering, __u32 mark, struct judgement* judged) {
  judged->asking = covering & stage_rules[stage];
  if (mark && judged->asking) judged->asking &= rules_behind(stage, fracas_net_mark_next_rule(mark) - 1);
  if (judged->asking == 0) return 0;
  bpf_loop(FRACAS_NET_RULES, ask_next, judged, 0);
  return judged->dropped || judged->detour_rule != kNoRule;
}

// Written out stage by stage: Linux 6.1 refuses the loop that the compiler makes of it.
_Static_assert(FRACAS_STAGES == 8, "judge asks every stage");
static __always_inline void judge(__u64 covering, __u32 mark, struct judgement* judged) {
  if (decided_by(0, covering, mark, judged)) return;
  if (decided_by(1, covering, mark, judged)) return;
  if (decided_by(2, covering, mark, judged)) return;
  if (decided_by(3, covering, mark, judged)) return;
  if (decided_by(4, covering, mark, judged)) return;
  if (decided_by(5, covering, mark, judged)) return;
  if (decided_by(6, covering, mark, judged)) return;
  decided_by(7, covering, mark, judged);
}

// What is not dropped: changed where it is, doubled, sent on a detour.
static __always_inline int carry_out(struct __sk_buff* skb, struct judgement* judged) {
  if (judged->corrupt_rule != kNoRule && corrupt(skb, &judged->packet, judged->corrupt_random))
    count_rule(judged->corrupt_rule, judged);
  if (judged->duplicate_rule != kNoRule) {
    __u32 mark = skb->mark;
    set_mark(skb, fracas_net_mark(0, (__u32)judged->duplicate_rule));
    if (!bpf_clone_redirect(skb, skb->ifindex, judged->leaving ? 0 : BPF_F_INGRESS))
      count_rule(judged->duplicate_rule, judged);
    set_mark(skb, mark);
  }
  if (judged->detour_rule == kNoRule) return kPass;
  struct fracas_net_rule* rule = &rules[judged->detour_rule & (FRACAS_NET_RULES - 1)];
  return rule->detour == FRACAS_DETOUR_VETH ? into_veth(skb, rule, judged) : into_line(skb, rule, judged);
}

// The rules that are bound to no cgroup, or to one that the packet's sender is in.
__noinline __u64 rules_of_sender(struct __sk_buff* skb) {
  __u64 rules = ~cgroup_bound;
#pragma unroll
  for (int level = 1; level <= FRACAS_NET_CGROUP_LEVELS; ++level) {
    __u64 cgroup = bpf_skb_ancestor_cgroup_id(skb, level);
    __u64* more = bpf_map_lookup_elem(&cgroup_rules, &cgroup);
    if (more) rules |= *more;
  }
  return rules;
}

// The rules that are left when the packet's sender and the name it asks for are looked at. Only packets that leave have
// either.
static __always_inline __u64 narrow(struct __sk_buff* skb, __u64 covering, struct judgement* judged) {
  if (!judged->leaving) return covering & ~cgroup_bound & ~stage_rules[FRACAS_STAGE_DNS];
  if (covering & cgroup_bound) covering &= rules_of_sender(skb);
  __u64 dns = stage_rules[FRACAS_STAGE_DNS];
  if (covering & dns) covering &= ~dns | dns_rules(skb, &judged->packet);
  return covering;
}

// What the sender of a dropped packet gets to hear. 0: nothing.
static __always_inline int into_reply(struct __sk_buff* skb, struct judgement* judged) {
  if (judged->dns_rule != kNoRule) return into_dns_answer(skb, &judged->packet, (__u32)judged->dns_rule);
  return judged->rejected && into_answer(skb, &judged->packet);
}

// Discovery passes as ARP does: it belongs to the link, and what is spared needs it.
static __always_inline int is_spared(const struct fracas_packet* packet) {
  if (packet->discovery) return 1;
  if (!packet->has_ports) return 0;
  return fracas_net_has_port(spared_ports, packet->source) || fracas_net_has_port(spared_ports, packet->destination);
}

// A packet that was held on its way in goes on arriving at `ifindex`, at the rules behind the one that held it.
static __always_inline int turn_round(struct __sk_buff* skb, __u32 mark, __u32 ifindex) {
  set_mark(skb, mark & ~FRACAS_MARK_ARRIVING);
  return (int)bpf_redirect(ifindex, BPF_F_INGRESS);
}

static __always_inline int classify(struct __sk_buff* skb, int leaving) {
  __u32 mark = skb->mark;
  if (fracas_net_is_marked(mark)) {
    // Whatever is armed now: it must not leave.
    if (leaving && fracas_net_is_arriving(mark)) return turn_round(skb, mark, skb->ifindex);
    set_mark(skb, 0);
  } else {
    mark = 0;
  }
  if (config.rules_armed == 0 || mark == FRACAS_MARK_ANSWER) return kPass;
  // First what lets most packets through: the clock costs as much as the look-up.
  __u64 covering = rules_of(skb, leaving);
  if (covering == 0) return kPass;
  struct judgement judged = {.leaving = (__u8)leaving};
  judged.now_ns = (__s64)bpf_ktime_get_boot_ns();
  if (judged.now_ns >= config.lease_end_ns || !read_packet(skb, &judged.packet)) return kPass;
  if (is_spared(&judged.packet)) return kPass;
  judged.bytes = skb->len;
  judged.corrupt_rule = judged.duplicate_rule = judged.detour_rule = judged.dns_rule = kNoRule;
  judge(narrow(skb, covering, &judged), mark, &judged);
  if (!judged.dropped) return carry_out(skb, &judged);
  if (!into_reply(skb, &judged)) return drop(leaving);
  set_mark(skb, FRACAS_MARK_ANSWER);
  return (int)bpf_redirect(skb->ifindex, leaving ? BPF_F_INGRESS : 0);
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
  __u32 ifindex = slot_ifindex[fracas_net_mark_slot(mark) & (FRACAS_NET_INTERFACES - 1)];
  return fracas_net_is_arriving(mark) ? turn_round(skb, mark, ifindex) : (int)bpf_redirect(ifindex, 0);
}
