// net.connect: judges every TCP connect(2) of one service, by its cgroup. In doubt it succeeds.
#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/net.logic.h"
#include "agent/sockets/connect.abi.h"

char LICENSE[] SEC("license") = "GPL";

// Mapped into the agent's memory.
struct fracas_connect_rule rule;
struct fracas_connect_counts counts;

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, FRACAS_CONNECT_PREFIXES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct fracas_connect_prefix);
  __type(value, __u8);
} peers SEC(".maps");

__u64 ports[FRACAS_NET_PORT_WORDS];  // those of the rule, unless it is of any port
__u64 spared_ports[FRACAS_NET_PORT_WORDS];

// What was decided for a socket that is connecting.
struct attempt {
  __u32 outcome;
  __u32 dropped;  // SYNs so far
};

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct attempt);
} attempts SEC(".maps");

enum { kFail = 0, kGoOn = 1, kSynSent = 2 };

static __always_inline int acts(__s64 now_ns) {
  return fracas_net_in_window(rule.start_ns, rule.end_ns, now_ns) && now_ns < rule.lease_end_ns;
}

static __always_inline int in_scope(const struct fracas_connect_prefix* peer, __u16 port) {
  if (fracas_net_has_port(spared_ports, port)) return 0;
  if (!rule.any_port && !fracas_net_has_port(ports, port)) return 0;
  return rule.any_peer || bpf_map_lookup_elem(&peers, peer) != 0;
}

static __always_inline int draw(void) {
  if (rule.share_per_2_32 >> 32) return 1;
  return (fracas_net_random(rule.seed, __sync_fetch_and_add(&rule.drawn, 1)) >> 32) < rule.share_per_2_32;
}

static __always_inline void count_affected(__s64 now_ns) {
  if (counts.first_ns == 0) counts.first_ns = now_ns;
  counts.last_ns = now_ns;
  __sync_fetch_and_add(&counts.affected, 1);
}

static __always_inline int judge(struct bpf_sock_addr* call, const struct fracas_connect_prefix* peer) {
  if (call->type != 1 /* SOCK_STREAM */ || call->protocol != IPPROTO_TCP) return kGoOn;
  __s64 now_ns = (__s64)bpf_ktime_get_boot_ns();
  if (!acts(now_ns) || !in_scope(peer, bpf_ntohs((__u16)call->user_port))) return kGoOn;
  __sync_fetch_and_add(&counts.matched, 1);
  if (!draw()) return kGoOn;
  if (rule.outcome == FRACAS_CONNECT_FAIL) {
    count_affected(now_ns);
    bpf_set_retval(-(int)(rule.error & 0xfff));
    return kFail;
  }
  struct bpf_sock* socket = call->sk;
  if (!socket) return kGoOn;
  struct attempt* attempt = bpf_sk_storage_get(&attempts, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (!attempt) return kGoOn;
  attempt->outcome = rule.outcome;
  attempt->dropped = 0;
  count_affected(now_ns);
  return kGoOn;
}

SEC("cgroup/connect4")
int fracas_connect4(struct bpf_sock_addr* call) {
  struct fracas_connect_prefix peer = {.length = 128};
  __u32 address = call->user_ip4;
  peer.address[10] = 0xff;
  peer.address[11] = 0xff;
  __builtin_memcpy(&peer.address[12], &address, 4);
  return judge(call, &peer);
}

SEC("cgroup/connect6")
int fracas_connect6(struct bpf_sock_addr* call) {
  struct fracas_connect_prefix peer = {.length = 128};
  __u32 words[4] = {call->user_ip6[0], call->user_ip6[1], call->user_ip6[2], call->user_ip6[3]};
  __builtin_memcpy(peer.address, words, 16);
  return judge(call, &peer);
}

// How long a connecting socket waits before it sends its SYN again.
SEC("sockops")
int fracas_connect_wait(struct bpf_sock_ops* socket) {
  if (socket->op != BPF_SOCK_OPS_TIMEOUT_INIT || !socket->sk) return 1;
  struct attempt* attempt = bpf_sk_storage_get(&attempts, socket->sk, 0, 0);
  if (attempt && attempt->outcome == FRACAS_CONNECT_SLOW) socket->reply = rule.delay_jiffies;
  return 1;
}

// Drops SYNs: a connecting socket sends nothing else. Its TCP takes this for a loss and sends again later.
SEC("cgroup_skb/egress")
int fracas_connect_syn(struct __sk_buff* packet) {
  if (!packet->sk) return kGoOn;
  struct bpf_sock* socket = bpf_sk_fullsock(packet->sk);
  if (!socket || socket->state != kSynSent) return kGoOn;
  struct attempt* attempt = bpf_sk_storage_get(&attempts, socket, 0, 0);
  if (!attempt) return kGoOn;
  __u32 dropped = attempt->dropped++;
  if (attempt->outcome == FRACAS_CONNECT_SLOW) return dropped == 0 ? kFail : kGoOn;
  return acts((__s64)bpf_ktime_get_boot_ns()) ? kFail : kGoOn;
}
