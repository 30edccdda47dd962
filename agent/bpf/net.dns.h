#pragma once
// Queries to DNS servers: whose name they ask for, and answers made of the queries themselves. For BPF programs only.
// Source: RFC 1035, 4.1.
#include "agent/bpf/net.reject.h"

enum {
  kDnsHeaderBytes = 12,
  kDnsNameBytes = 255,
  kDnsQuestionEnd = kDnsHeaderBytes + kDnsNameBytes + 4,  // at most
  kDnsRoomBytes = kDnsQuestionEnd + 12 + 16 + 5,          // and an IPv6 address in a record; a multiple of 4
  kDnsTypeA = 1,
  kDnsTypeAaaa = 28,
  kDnsTtlSeconds = 1,
  kDnsServfail = 2,
  kDnsNxdomain = 3,
};
_Static_assert(kDnsRoomBytes % 4 == 0, "bpf_csum_diff sums words");

// One query. Too large for the stack; nothing interrupts a classifier on its processor.
struct dns_query {
  struct fracas_net_dns_key key;
  __u8 message[kDnsRoomBytes];
  __u32 name_bytes;  // with its root; 0: there is no whole name
  __u32 type;        // of the records asked for
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct dns_query);
} dns_queries SEC(".maps");

// Names and the rules that cover them; see struct fracas_net_dns_key.
struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, FRACAS_NET_DNS_NAMES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct fracas_net_dns_key);
  __type(value, __u64);
} dns_names SEC(".maps");

struct fracas_net_dns_answer dns_answers[FRACAS_NET_RULES];
__u64 dns_address_rules;  // bit r: rule r answers questions for addresses alone

static __always_inline struct dns_query* this_query(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&dns_queries, &zero);
}

struct dns_walk {
  __u32 label_left;  // bytes of the present label still to come
  __u32 name_bytes;
};

static long walk_name(__u32 i, struct dns_walk* walk) {
  struct dns_query* query = this_query();
  if (!query || i >= kDnsNameBytes) return 1;
  __u8 byte = query->message[kDnsHeaderBytes + i];
  if (walk->label_left > 0) {
    walk->label_left--;
    return 0;
  }
  if (byte == 0) walk->name_bytes = i + 1;
  walk->label_left = byte;
  return byte == 0 || byte > 63;
}

static long turn_name(__u32 i, struct dns_walk* walk) {
  struct dns_query* query = this_query();
  __u32 from = walk->name_bytes - 1 - i;
  if (!query || i >= kDnsNameBytes || from >= kDnsNameBytes) return 1;
  __u8 byte = query->message[kDnsHeaderBytes + from];
  query->key.bytes[i] = fracas_net_dns_lower(byte);
  return 0;
}

// Where the message stands behind the IP header; 0: this packet has none.
static __always_inline __u32 dns_offset(struct __sk_buff* skb, const struct fracas_packet* packet) {
  if (!packet->has_ports || packet->fragment) return 0;
  if (packet->protocol == IPPROTO_UDP) return packet->transport + sizeof(struct udphdr);
  __u8 header_words = 0;
  if (read_ip(skb, packet->transport + 12, &header_words, 1)) return 0;
  return packet->transport + (header_words >> 4) * 4 + 2;  // over TCP its length stands in front of it
}

static __always_inline void read_type(struct dns_query* query) {
  __u32 at = kDnsHeaderBytes + query->name_bytes;
  asm volatile("" : "+r"(at));  // so that the bound below is of the register that is used
  if (at >= kDnsQuestionEnd - 1) return;
  const __u8* type = query->message + at;
  query->type = type[0] << 8 | type[1];
}

static __always_inline int load_query(struct __sk_buff* skb, const struct fracas_packet* packet,
                                      struct dns_query* query) {
  __u32 offset = dns_offset(skb, packet);
  if (offset == 0 || packet->ip_bytes <= offset || !is_ethernet(skb)) return 0;
  __u32 bytes = packet->ip_bytes - offset;
  if (bytes > kDnsQuestionEnd) bytes = kDnsQuestionEnd;
  asm volatile("" : "+r"(bytes));  // so that the bound below is of the register that is used
  if (bytes <= kDnsHeaderBytes || bytes > kDnsQuestionEnd) return 0;
  // Counted from the frame's start, because what follows the headers may lie in other pages.
  if (bpf_skb_load_bytes(skb, kEthernetBytes + offset, query->message, bytes)) return 0;
  // A query, with one question and no answers.
  const __u8* header = query->message;
  if ((header[2] & 0xf8) != 0 || header[4] != 0 || header[5] != 1 || header[6] != 0 || header[7] != 0) return 0;
  // Zeros that the verifier does not know to be such: before Linux 6.7 it takes what holds before the first turn of a
  // loop for true in all of them, and leaves out the branches that come later.
  const volatile __u32* unread = &query->name_bytes;
  struct dns_walk walk = {.label_left = *unread, .name_bytes = *unread};
  bpf_loop(kDnsNameBytes, walk_name, &walk, 0);
  if (walk.name_bytes == 0 || kDnsHeaderBytes + walk.name_bytes + 4 > bytes) return 0;
  bpf_loop(walk.name_bytes, turn_name, &walk, 0);
  query->name_bytes = walk.name_bytes;
  read_type(query);
  return 1;
}

// The rules whose names the packet asks for; 0 for what is no query.
__noinline __u64 dns_rules(struct __sk_buff* skb, const struct fracas_packet* packet) {
  struct dns_query* query = this_query();
  if (!packet || !query) return 0;
  query->name_bytes = query->type = 0;
  if (!load_query(skb, packet, query)) return 0;
  __u32 bytes = query->name_bytes;
  if (bytes > kDnsNameBytes) return 0;
  query->key.bytes[bytes] = FRACAS_NET_DNS_WHOLE;
  query->key.length = (bytes + 1) * 8;
  __u64* rules = bpf_map_lookup_elem(&dns_names, &query->key);
  if (!rules) return 0;
  return query->type == kDnsTypeA || query->type == kDnsTypeAaaa ? *rules : *rules & ~dns_address_rules;
}

// Appends the record that answers the question, and returns where the message ends then.
static __always_inline __u32 put_record(struct dns_query* query, __u32 end,
                                        const struct fracas_net_dns_answer* answer) {
  int ipv6 = query->type == kDnsTypeAaaa;
  if (end > kDnsQuestionEnd || !(ipv6 ? answer->has_ipv6 : answer->has_ipv4)) return end;
  __u8 bytes = ipv6 ? 16 : 4;
  __u8 type = ipv6 ? kDnsTypeAaaa : kDnsTypeA;
  __u8 record[28] = {0xc0, kDnsHeaderBytes, 0, type, 0, 1, 0, 0, 0, kDnsTtlSeconds, 0, bytes};
  __builtin_memcpy(record + 12, ipv6 ? answer->ipv6 : answer->ipv4, 16);
  __builtin_memcpy(query->message + end, record, sizeof record);
  query->message[7] = 1;
  return end + 12 + bytes;
}

// Turns the query into its answer and returns its length. What stood behind the question is left out.
static __always_inline __u32 write_answer(struct dns_query* query, const struct fracas_net_dns_answer* answer) {
  __u32 end = kDnsHeaderBytes + query->name_bytes + 4;
  if (query->name_bytes == 0 || end > kDnsQuestionEnd) return 0;
  __u8* header = query->message;
  header[2] = 0x80 | (header[2] & 1);  // an answer; recursion as it was desired
  header[3] = 0x80 | answer->code;     // recursion is available
  header[8] = header[9] = header[10] = header[11] = 0;
  if (answer->code == 0) end = put_record(query, end, answer);
  asm volatile("" : "+r"(end));
  if (end > kDnsRoomBytes - 4) return 0;
  query->message[end] = query->message[end + 1] = query->message[end + 2] = 0;  // of the last word of the checksum
  return end;
}

static __always_inline int store_answer(struct __sk_buff* skb, const struct fracas_packet* packet,
                                        struct dns_query* query, __u32 end) {
  __u32 transport = kEthernetBytes + packet->transport;
  struct udphdr asked;
  if (bpf_skb_load_bytes(skb, transport, &asked, sizeof asked)) return 0;
  if (bpf_skb_change_tail(skb, transport + sizeof asked + end, 0) || !turn_ethernet(skb)) return 0;
  int unfinished = is_unfinished(skb, transport + offsetof(struct udphdr, check));
  __u16 bytes = (__u16)(sizeof asked + end);
  struct udphdr udp = {.source = asked.dest, .dest = asked.source, .len = bpf_htons(bytes)};
  __s64 sum = packet->ipv6 ? turn_ipv6(skb, kEthernetBytes, IPPROTO_UDP, bytes)
                           : turn_ipv4(skb, kEthernetBytes, IPPROTO_UDP, bytes);
  if (sum < 0) return 0;
  if (unfinished) {
    udp.check = fold(sum);
  } else {
    sum = (__u32)sum_of(&udp, sizeof udp, sum);
    udp.check = (__u16)~fold(sum_of(query->message, (end + 3) & ~3u, sum));
    if (udp.check == 0) udp.check = 0xffff;
  }
  if (bpf_skb_store_bytes(skb, transport, &udp, sizeof udp, 0)) return 0;
  return bpf_skb_store_bytes(skb, transport + sizeof udp, query->message, end, 0) == 0;
}

// Makes of the query that dns_rules has read what a server would answer; of one over TCP, the server's reset. Returns
// 0 where that fails or the rule answers nothing; the packet is then to be dropped.
__noinline int into_dns_answer(struct __sk_buff* skb, const struct fracas_packet* packet, __u32 rule) {
  struct dns_query* query = this_query();
  const struct fracas_net_dns_answer* answer = &dns_answers[rule & (FRACAS_NET_RULES - 1)];
  if (!packet || !query || answer->silent || !is_ethernet(skb)) return 0;
  if (packet->protocol == IPPROTO_TCP) return into_reset(skb, packet);
  if (packet->transport != (packet->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr))) return 0;
  __u32 end = write_answer(query, answer);
  if (end <= kDnsHeaderBytes || end > kDnsRoomBytes - 4) return 0;
  return store_answer(skb, packet, query, end);
}
