#pragma once
// Answers to rejected packets, made of the packets themselves. For BPF programs only.
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stddef.h>

#include "agent/bpf/net.packet.h"

enum {
  kAnswerHops = 64,
  kIcmpUnreachable = 3,  // with the code for "port"
  kIcmpPort = 3,
  kIcmpv6Unreachable = 1,
  kIcmpv6Port = 4,
};

// Of both ICMPs; the kernel's headers for them do not compile for BPF.
struct fracas_icmp {
  __u8 type, code;
  __u16 check;
  __u32 unused;
};

// What the checksum of a transport header is summed over besides it. Source: RFC 8200, 8.1; RFC 9293, 3.1.
struct fracas_pseudo_ipv4 {
  __be32 source, destination;
  __u8 zero, protocol;
  __be16 bytes;
};
struct fracas_pseudo_ipv6 {
  struct in6_addr source, destination;
  __be32 bytes;
  __u8 zeros[3], protocol;
};

static __always_inline __u16 fold(__s64 sum) {
  __u32 folded = (__u32)sum;
  folded = (folded & 0xffff) + (folded >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  return (__u16)folded;
}

static __always_inline __s64 sum_of(void* bytes, __u32 size, __s64 sum) {
  return bpf_csum_diff(0, 0, bytes, size, (__wsum)sum);
}

static __always_inline int turn_ethernet(struct __sk_buff* skb) {
  __u8 ends[12];
  __u8 turned[12];
  if (bpf_skb_load_bytes(skb, 0, ends, 12)) return 0;
  __builtin_memcpy(turned, ends + 6, 6);
  __builtin_memcpy(turned + 6, ends, 6);
  return bpf_skb_store_bytes(skb, 0, turned, 12, 0) == 0;
}

// Writes the IP header of an answer, its ends turned round, and gives the sum of the pseudo header; < 0: failed.
// `at_ip`: the asker's header is read there, the answer's is written behind Ethernet.
static __always_inline __s64 turn_ipv4(struct __sk_buff* skb, __u32 at_ip, __u8 protocol, __u16 bytes) {
  struct iphdr asked;
  if (bpf_skb_load_bytes(skb, at_ip, &asked, sizeof asked)) return -1;
  struct iphdr ip = {.version = 4,
                     .ihl = 5,
                     .tot_len = bpf_htons(sizeof ip + bytes),
                     .frag_off = bpf_htons(0x4000),
                     .ttl = kAnswerHops,
                     .protocol = protocol,
                     .saddr = asked.daddr,
                     .daddr = asked.saddr};
  ip.check = (__u16)~fold(sum_of(&ip, sizeof ip, 0));
  if (bpf_skb_store_bytes(skb, kEthernetBytes, &ip, sizeof ip, 0)) return -1;
  struct fracas_pseudo_ipv4 pseudo = {
      .source = ip.saddr, .destination = ip.daddr, .protocol = protocol, .bytes = bpf_htons(bytes)};
  return (__u32)sum_of(&pseudo, sizeof pseudo, 0);
}

static __always_inline __s64 turn_ipv6(struct __sk_buff* skb, __u32 at_ip, __u8 protocol, __u16 bytes) {
  struct ipv6hdr asked;
  if (bpf_skb_load_bytes(skb, at_ip, &asked, sizeof asked)) return -1;
  struct ipv6hdr ip = {.version = 6, .payload_len = bpf_htons(bytes), .nexthdr = protocol, .hop_limit = kAnswerHops};
  ip.saddr = asked.daddr;
  ip.daddr = asked.saddr;
  if (bpf_skb_store_bytes(skb, kEthernetBytes, &ip, sizeof ip, 0)) return -1;
  struct fracas_pseudo_ipv6 pseudo = {.bytes = bpf_htonl(bytes), .protocol = protocol};
  pseudo.source = ip.saddr;
  pseudo.destination = ip.daddr;
  return (__u32)sum_of(&pseudo, sizeof pseudo, 0);
}

// Whether the kernel or the device is still to finish the checksum at that offset: then replacing leaves it as it is.
static __always_inline int is_unfinished(struct __sk_buff* skb, __u32 at_check) {
  __u16 check = 0x5555;
  if (bpf_skb_store_bytes(skb, at_check, &check, sizeof check, 0)) return 0;
  if (bpf_l4_csum_replace(skb, at_check, 0, 1, 2)) return 0;
  if (bpf_skb_load_bytes(skb, at_check, &check, sizeof check)) return 0;
  return check == 0x5555;
}

// Source: RFC 9293, 3.10.7.1.
static __always_inline void reset_for(const struct tcphdr* asked, __u32 segment_bytes, struct tcphdr* reset) {
  reset->source = asked->dest;
  reset->dest = asked->source;
  reset->doff = sizeof *reset / 4;
  reset->rst = 1;
  if (asked->ack) {
    reset->seq = asked->ack_seq;
  } else {
    reset->ack = 1;
    reset->ack_seq = bpf_htonl(bpf_ntohl(asked->seq) + segment_bytes + asked->syn + asked->fin);
  }
}

static __always_inline int into_reset(struct __sk_buff* skb, const struct fracas_packet* packet) {
  __u32 transport = packet->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
  if (packet->transport != transport || (packet->tcp_flags & kTcpRst)) return 0;
  transport += kEthernetBytes;
  struct tcphdr asked;
  if (bpf_skb_load_bytes(skb, transport, &asked, sizeof asked)) return 0;
  if (bpf_skb_change_tail(skb, transport + sizeof(struct tcphdr), 0) || !turn_ethernet(skb)) return 0;
  struct tcphdr reset = {};
  reset_for(&asked, packet->ip_bytes - packet->transport - asked.doff * 4, &reset);
  int unfinished = is_unfinished(skb, transport + offsetof(struct tcphdr, check));
  __s64 sum = packet->ipv6 ? turn_ipv6(skb, kEthernetBytes, IPPROTO_TCP, sizeof reset)
                           : turn_ipv4(skb, kEthernetBytes, IPPROTO_TCP, sizeof reset);
  if (sum < 0) return 0;
  reset.check = unfinished ? fold(sum) : (__u16)~fold(sum_of(&reset, sizeof reset, sum));
  return bpf_skb_store_bytes(skb, transport, &reset, sizeof reset, 0) == 0;
}

// Room for an ICMP header behind its IP header, in front of the asker's headers, which the answer quotes.
static __always_inline int into_unreachable_ipv4(struct __sk_buff* skb) {
  struct {
    struct fracas_icmp icmp;
    __u8 quoted[sizeof(struct iphdr) + sizeof(struct udphdr)];
  } answer = {.icmp = {.type = kIcmpUnreachable, .code = kIcmpPort}};
  if (bpf_skb_load_bytes(skb, kEthernetBytes, answer.quoted, sizeof answer.quoted)) return 0;
  if (bpf_skb_change_tail(skb, kEthernetBytes + sizeof answer.quoted, 0)) return 0;
  if (bpf_skb_adjust_room(skb, sizeof(struct iphdr) + sizeof(struct fracas_icmp), BPF_ADJ_ROOM_MAC, 0)) return 0;
  if (turn_ipv4(skb, kEthernetBytes + sizeof(struct iphdr) + sizeof(struct fracas_icmp), IPPROTO_ICMP, sizeof answer) <
      0)
    return 0;
  answer.icmp.check = (__u16)~fold(sum_of(&answer, sizeof answer, 0));
  return bpf_skb_store_bytes(skb, kEthernetBytes + sizeof(struct iphdr), &answer, sizeof answer, 0) == 0;
}

static __always_inline int into_unreachable_ipv6(struct __sk_buff* skb) {
  struct {
    struct fracas_icmp icmp;
    __u8 quoted[sizeof(struct ipv6hdr) + sizeof(struct udphdr)];
  } answer = {.icmp = {.type = kIcmpv6Unreachable, .code = kIcmpv6Port}};
  if (bpf_skb_load_bytes(skb, kEthernetBytes, answer.quoted, sizeof answer.quoted)) return 0;
  if (bpf_skb_change_tail(skb, kEthernetBytes + sizeof answer.quoted, 0)) return 0;
  if (bpf_skb_adjust_room(skb, sizeof(struct ipv6hdr) + sizeof(struct fracas_icmp), BPF_ADJ_ROOM_MAC, 0)) return 0;
  __s64 sum = turn_ipv6(skb, kEthernetBytes + sizeof(struct ipv6hdr) + sizeof(struct fracas_icmp), IPPROTO_ICMPV6,
                        sizeof answer);
  if (sum < 0) return 0;
  answer.icmp.check = (__u16)~fold(sum_of(&answer, sizeof answer, sum));
  return bpf_skb_store_bytes(skb, kEthernetBytes + sizeof(struct ipv6hdr), &answer, sizeof answer, 0) == 0;
}

static __always_inline int into_unreachable(struct __sk_buff* skb, const struct fracas_packet* packet) {
  if (packet->ipv6)
    return packet->transport == sizeof(struct ipv6hdr) && into_unreachable_ipv6(skb) && turn_ethernet(skb);
  return packet->transport == sizeof(struct iphdr) && into_unreachable_ipv4(skb) && turn_ethernet(skb);
}

// Makes of the packet what its receiver would answer if nobody listened. Returns 0 where there is no answer; the packet
// is then to be dropped.
__noinline int into_answer(struct __sk_buff* skb, const struct fracas_packet* packet) {
  if (!packet || !packet->has_ports || packet->fragment || !is_ethernet(skb)) return 0;
  return packet->protocol == IPPROTO_TCP ? into_reset(skb, packet) : into_unreachable(skb, packet);
}
