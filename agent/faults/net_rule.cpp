#include "agent/faults/net_rule.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <charconv>
#include <cmath>
#include <string_view>

namespace fracas::agent {
namespace {

bool is_share(double value) {
  return value >= 0 && value <= 1;
}

__u64 per_2_32(double share) {
  return static_cast<__u64>(std::llround(std::ldexp(share, 32)));
}

Result<std::vector<NetPrefix>> parse_prefixes(const std::vector<std::string>& texts) {
  std::vector<NetPrefix> prefixes;
  for (const std::string& text : texts) {
    auto prefix = parse_net_prefix(text);
    if (!prefix) return failure(std::move(prefix).error());
    prefixes.push_back(*prefix);
  }
  return prefixes;
}

std::optional<__u16> parse_port(std::string_view text) {
  __u16 port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Status add_ports(const std::string& text, fracas_net_rule& shared) {
  const std::size_t dash = text.find('-');
  const auto first = parse_port(std::string_view(text).substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse_port(std::string_view(text).substr(dash + 1));
  if (!first || !last || *first > *last)
    return failure(fmt::format("\"{}\" is no port or range of ports such as 80 or 9000-9100", text));
  if (shared.port_ranges == FRACAS_NET_PORT_RANGES)
    return failure(fmt::format("more than {} ranges of ports", int{FRACAS_NET_PORT_RANGES}));
  shared.ports[shared.port_ranges++] = {*first, *last};
  return {};
}

__u8 protocol_number(NetProtocol protocol) {
  switch (protocol) {
    case NetProtocol::any:
      return 0;
    case NetProtocol::tcp:
      return IPPROTO_TCP;
    case NetProtocol::udp:
      return IPPROTO_UDP;
    case NetProtocol::icmp:
      return IPPROTO_ICMP;
  }
  return 0;
}

Status set_scope(ParsedNetRule& parsed) {
  const NetRule& rule = parsed.rule;
  for (const std::string& text : rule.ports)
    if (auto added = add_ports(text, parsed.shared); !added) return added;
  if (!rule.ports.empty() && rule.protocol == NetProtocol::icmp) return failure("ICMP has no ports");
  if (!is_share(rule.flow_share) || rule.flow_share <= 0)
    return failure(fmt::format("flow_share {} is not in (0, 1]", rule.flow_share));
  if (!is_share(rule.loss)) return failure(fmt::format("share {} is not in [0, 1]", rule.loss));
  parsed.shared.protocol = protocol_number(rule.protocol);
  parsed.shared.flow_per_2_32 = per_2_32(rule.flow_share);
  parsed.shared.hit_per_2_32 = per_2_32(rule.loss);
  parsed.shared.seed = rule.seed;
  parsed.shared.flow_seed = rule.flow_seed;
  return {};
}

Status set_partition(ParsedNetRule& parsed) {
  parsed.stage = FRACAS_STAGE_PARTITION;
  parsed.shared.hit_per_2_32 = per_2_32(1);
  switch (parsed.rule.cut) {
    case NetCut::blackhole:
      parsed.shared.act = FRACAS_ACT_DROP;
      break;
    case NetCut::reject:
      parsed.shared.act = FRACAS_ACT_REJECT;
      break;
    case NetCut::new_only:
      parsed.shared.act = FRACAS_ACT_DROP_NEW;
      break;
    case NetCut::established_only:
      parsed.shared.act = FRACAS_ACT_DROP_ESTABLISHED;
      break;
  }
  return {};
}

Status set_loss(ParsedNetRule& parsed) {
  parsed.stage = FRACAS_STAGE_LOSS;
  parsed.shared.act = FRACAS_ACT_DROP;
  if (!parsed.rule.burst) return {};
  const NetBurst& burst = *parsed.rule.burst;
  for (const double share : {burst.enter, burst.leave, burst.loss_good, burst.loss_bad})
    if (!is_share(share)) return failure(fmt::format("{} of a burst is not in [0, 1]", share));
  parsed.shared.act = FRACAS_ACT_DROP_BURSTS;
  parsed.shared.burst = {.enter_per_2_32 = per_2_32(burst.enter),
                         .leave_per_2_32 = per_2_32(burst.leave),
                         .loss_good_per_2_32 = per_2_32(burst.loss_good),
                         .loss_bad_per_2_32 = per_2_32(burst.loss_bad)};
  return {};
}

Status set_dns(ParsedNetRule& parsed) {
  if (!parsed.rule.dns || parsed.rule.dns->names.empty()) return failure("it names no DNS name");
  const NetDns& dns = *parsed.rule.dns;
  for (const std::string& text : dns.names) {
    auto name = parse_dns_pattern(text);
    if (!name) return failure(std::move(name).error());
    parsed.names.push_back(*std::move(name));
  }
  constexpr __u8 kServfail = 2;
  constexpr __u8 kNxdomain = 3;
  parsed.dns.silent = dns.answer == DnsAnswer::silence;
  parsed.dns.code = dns.answer == DnsAnswer::nxdomain ? kNxdomain : dns.answer == DnsAnswer::servfail ? kServfail : 0;
  parsed.dns.has_ipv4 = !dns.ipv4.empty();
  parsed.dns.has_ipv6 = !dns.ipv6.empty();
  if (parsed.dns.has_ipv4 && ::inet_pton(AF_INET, dns.ipv4.c_str(), parsed.dns.ipv4) != 1)
    return failure(fmt::format("\"{}\" is no IPv4 address", dns.ipv4));
  if (parsed.dns.has_ipv6 && ::inet_pton(AF_INET6, dns.ipv6.c_str(), parsed.dns.ipv6) != 1)
    return failure(fmt::format("\"{}\" is no IPv6 address", dns.ipv6));
  parsed.stage = FRACAS_STAGE_DNS;
  parsed.shared.act = FRACAS_ACT_DNS;
  parsed.shared.hit_per_2_32 = per_2_32(1);
  return {};
}

Status set_corrupt(ParsedNetRule& parsed) {
  parsed.stage = FRACAS_STAGE_CORRUPT;
  parsed.shared.act = parsed.rule.silent ? FRACAS_ACT_CORRUPT : FRACAS_ACT_DETOUR;
  if (!parsed.rule.silent) parsed.detour = LineRule{.corrupt = true, .seed = parsed.rule.seed};
  return {};
}

Status set_duplicate(ParsedNetRule& parsed) {
  parsed.stage = FRACAS_STAGE_DUPLICATE;
  parsed.shared.act = FRACAS_ACT_DUPLICATE;
  return {};
}

Status set_bandwidth(ParsedNetRule& parsed) {
  constexpr std::uint64_t kRateMin = 1000;
  constexpr std::uint64_t kRateMax = 100'000'000'000;
  if (parsed.rule.rate_bytes < kRateMin || parsed.rule.rate_bytes > kRateMax)
    return failure(
        fmt::format("a rate of {} bytes a second is not between 1 kB/s and 100 GB/s", parsed.rule.rate_bytes));
  parsed.stage = FRACAS_STAGE_BANDWIDTH;
  parsed.shared.act = FRACAS_ACT_DETOUR;
  parsed.shared.hit_per_2_32 = per_2_32(1);
  parsed.detour = LineRule{.rate_bytes = parsed.rule.rate_bytes, .seed = parsed.rule.seed};
  return {};
}

Status check_times(const NetRule& rule) {
  if (rule.delay < Duration::zero() || rule.jitter < Duration::zero() || rule.jitter > rule.delay)
    return failure("the jitter is at most the delay, and neither is negative");
  if (!(rule.correlation >= 0 && rule.correlation < 1))
    return failure(fmt::format("correlation {} is not in [0, 1)", rule.correlation));
  return {};
}

Status set_delay(ParsedNetRule& parsed) {
  const NetRule& rule = parsed.rule;
  if (auto checked = check_times(rule); !checked) return checked;
  parsed.stage = FRACAS_STAGE_DELAY;
  parsed.shared.act = FRACAS_ACT_DETOUR;
  parsed.shared.hit_per_2_32 = per_2_32(1);
  parsed.detour = LineRule{.delay = rule.delay,
                           .jitter = rule.jitter,
                           .spread = rule.spread,
                           .correlation = rule.correlation,
                           .reorder = rule.reorder,
                           .seed = rule.seed};
  return {};
}

Status set_reorder(ParsedNetRule& parsed) {
  if (auto checked = check_times(parsed.rule); !checked) return checked;
  parsed.stage = FRACAS_STAGE_REORDER;
  parsed.shared.act = FRACAS_ACT_DETOUR;
  parsed.detour =
      LineRule{.delay = parsed.rule.delay, .jitter = parsed.rule.jitter, .reorder = true, .seed = parsed.rule.seed};
  return {};
}

struct Kind {
  std::string_view name;
  Status (*set)(ParsedNetRule& parsed);
};
constexpr Kind kKinds[] = {
    {"net.partition", set_partition}, {"net.loss", set_loss},           {"net.dns", set_dns},
    {"net.corrupt", set_corrupt},     {"net.duplicate", set_duplicate}, {"net.bandwidth", set_bandwidth},
    {"net.delay", set_delay},         {"net.reorder", set_reorder},
};

// A cgroup's id is the number of its folder.
Result<std::vector<std::uint64_t>> find_cgroups(const std::vector<std::string>& folders) {
  std::vector<std::uint64_t> ids;
  for (const std::string& folder : folders) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return system_failure("cgroup " + folder);
    ids.push_back(status.st_ino);
  }
  return ids;
}

Status parse_into(ParsedNetRule& parsed) {
  auto cgroups = find_cgroups(parsed.rule.cgroups);
  if (!cgroups) return failure(std::move(cgroups).error());
  parsed.cgroups = *std::move(cgroups);
  auto from = parse_prefixes(parsed.rule.from);
  if (!from) return failure(std::move(from).error());
  auto to = parse_prefixes(parsed.rule.to);
  if (!to) return failure(std::move(to).error());
  parsed.from = std::move(*from);
  parsed.to = std::move(*to);
  if (auto set = set_scope(parsed); !set) return set;
  for (const Kind& kind : kKinds)
    if (kind.name == parsed.rule.kind) return kind.set(parsed);
  return failure("no network fault of this kind");
}

}  // namespace

Result<ParsedNetRule> parse_net_rule(const NetRule& rule) {
  ParsedNetRule parsed{.rule = rule};
  if (auto done = parse_into(parsed); !done) return failure(std::move(done).error().context(rule.kind));
  return parsed;
}

}  // namespace fracas::agent
