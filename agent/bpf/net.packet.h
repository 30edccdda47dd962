#pragma once
// What the classifier reads of a packet beyond its far address. For BPF programs only.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "agent/bpf/net.logic.h"

enum {
  kEthernetBytes = 14,
  kIpv6Extensions = 4,  // headers looked past, at most
  kTcpFin = 0x01,
  kTcpSyn = 0x02,
  kTcpRst = 0x04,
  kTcpAck = 0x10,
};

struct fracas_packet {
  __u64 flow;       // the same for both directions
  __u32 ip_bytes;   // header and payload
  __u16 transport;  // offset of the transport header from the IP header
  __u16 source;     // ports in host byte order; 0 without ports
  __u16 destination;
  __u8 protocol;  // of the transport header; ICMPv6 counts as ICMP
  __u8 ipv6;
  __u8 has_ports;  // TCP or UDP, and not a later fragment
  __u8 fragment;   // of whichever place
  __u8 tcp_flags;
  __u8 discovery;  // ICMPv6 by which hosts find each other on a link
};

static __always_inline long read_ip(struct __sk_buff* skb, __u32 offset, void* to, __u32 bytes) {
  return bpf_skb_load_bytes_relative(skb, offset, to, bytes, BPF_HDR_START_NET);
}

// Looks past extension headers. Returns whether the packet has a transport header of its own.
static __always_inline int read_ipv6_transport(struct __sk_buff* skb, struct fracas_packet* packet, __u8 next) {
  __u32 offset = 40;
  int has_header = 1;
  for (int i = 0; i < kIpv6Extensions; ++i) {
    if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT)
      break;
    __u8 extension[4] = {};
    if (read_ip(skb, offset, extension, sizeof extension)) return 0;
    if (next == IPPROTO_FRAGMENT) {
      packet->fragment = 1;
      has_header = ((extension[2] << 8 | extension[3]) & 0xfff8) == 0;
      offset += 8;
    } else {
      offset += 8 + 8 * extension[1];
    }
    next = extension[0];
  }
  packet->protocol = next == IPPROTO_ICMPV6 ? IPPROTO_ICMP : next;
  packet->transport = (__u16)offset;
  return has_header;
}

// Source: RFC 4861, 4.
static __always_inline int is_discovery(struct __sk_buff* skb, const struct fracas_packet* packet) {
  __u8 type = 0;
  if (!packet->ipv6 || packet->protocol != IPPROTO_ICMP) return 0;
  return !read_ip(skb, packet->transport, &type, 1) && type >= 133 && type <= 137;
}

static __always_inline void read_ports(struct __sk_buff* skb, struct fracas_packet* packet) {
  if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP) return;
  __u8 header[14] = {};
  __u32 bytes = packet->protocol == IPPROTO_TCP ? 14 : 8;
  if (bytes == 14 ? read_ip(skb, packet->transport, header, 14) : read_ip(skb, packet->transport, header, 8)) return;
  packet->source = (__u16)(header[0] << 8 | header[1]);
  packet->destination = (__u16)(header[2] << 8 | header[3]);
  packet->tcp_flags = bytes == 14 ? header[13] : 0;
  packet->has_ports = 1;
}

// False for what is neither IPv4 nor IPv6, and for a broken header. Functions that are not static are looked at by the
// verifier once, not at each call.
__noinline int read_packet(struct __sk_buff* skb, struct fracas_packet* packet) {
  if (!packet) return 0;
  __u64 ends[4] = {};  // source and destination address, 128 bits each
  int has_header;
  if (skb->protocol == bpf_htons(ETH_P_IP)) {
    __u8 header[20];
    if (read_ip(skb, 0, header, sizeof header)) return 0;
    __u32 fragment = header[6] << 8 | header[7];
    packet->ip_bytes = header[2] << 8 | header[3];
    packet->fragment = (fragment & 0x3fff) != 0;
    packet->transport = (header[0] & 0xf) * 4;
    packet->protocol = header[9];
    has_header = (fragment & 0x1fff) == 0;
    __builtin_memcpy(&ends[1], &header[12], 4);
    __builtin_memcpy(&ends[3], &header[16], 4);
  } else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
    __u8 header[8];
    if (read_ip(skb, 0, header, sizeof header) || read_ip(skb, 8, ends, sizeof ends)) return 0;
    packet->ipv6 = 1;
    packet->ip_bytes = 40 + (header[4] << 8 | header[5]);
    has_header = read_ipv6_transport(skb, packet, header[6]);
  } else {
    return 0;
  }
  if (has_header) read_ports(skb, packet);
  packet->discovery = has_header && is_discovery(skb, packet);
  // Later fragments have no ports, so no fragment may use them.
  __u16 source = packet->fragment ? 0 : packet->source;
  __u16 destination = packet->fragment ? 0 : packet->destination;
  packet->flow = fracas_net_flow(fracas_net_endpoint(ends[0], ends[1], source),
                                 fracas_net_endpoint(ends[2], ends[3], destination), packet->protocol);
  return 1;
}

// Whether the IP header stands behind a plain Ethernet header, as rewriting expects.
static __always_inline int is_ethernet(struct __sk_buff* skb) {
  __u32 here = 0;
  __u32 there = 1;
  if (skb->vlan_present || bpf_skb_load_bytes(skb, kEthernetBytes, &here, 4) || read_ip(skb, 0, &there, 4)) return 0;
  return here == there;
}

// clang would narrow the store to what changes, which the verifier refuses.
static __always_inline void set_mark(struct __sk_buff* skb, __u32 mark) {
  asm volatile("" : "+r"(mark));
  skb->mark = mark;
}

// Flips one bit of the payload in such a way that the receiver finds the checksum right. Returns 0 without a payload
// or a checksum to keep right.
__noinline int corrupt(struct __sk_buff* skb, const struct fracas_packet* packet, __u64 random) {
  if (!packet || !packet->has_ports || !is_ethernet(skb)) return 0;
  int tcp = packet->protocol == IPPROTO_TCP;
  __u32 transport = kEthernetBytes + packet->transport;
  __u32 start = transport + 8;
  if (tcp) {
    __u8 header_words = 0;
    if (bpf_skb_load_bytes(skb, transport + 12, &header_words, 1)) return 0;
    start = transport + (header_words >> 4) * 4;
  }
  __u32 end = kEthernetBytes + packet->ip_bytes;
  if (end > skb->len || packet->ip_bytes <= 40) end = skb->len;  // a large IPv6 segment does not say its length
  if (end < start + 2) return 0;
  // Words of 16 bits, as the checksum sees them: headers have an even length.
  __u32 at = start + (__u32)(random >> 8) % ((end - start) / 2) * 2;
  __u16 before = 0;
  if (bpf_skb_load_bytes(skb, at, &before, sizeof before)) return 0;
  __u16 after = before ^ (__u16)(1u << (random & 15));
  // Does nothing while the checksum is still to be computed, which then includes the flipped bit.
  if (bpf_l4_csum_replace(skb, transport + (tcp ? 16 : 6), before, after, tcp ? 2 : 2 | BPF_F_MARK_MANGLED_0)) return 0;
  return bpf_skb_store_bytes(skb, at, &after, sizeof after, 0) == 0;
}
