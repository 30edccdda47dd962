// What the network data plane costs and how exact it is. Prints a table, and with --json FILE writes the same as JSON.
// Needs root. Takes about a minute.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "agent/bpf/net_program.h"
#include "agent/faults/net_rule.h"
#include "lib/os/clock.h"
#include "tests/bench/net_bench_hosts.h"

namespace fracas::bench {
namespace {

using agent::NetHook;
using agent::NetProgram;
using agent::NetRule;
using std::chrono::milliseconds;

constexpr std::int64_t kForever = std::int64_t{1} << 62;

nlohmann::json g_results = nlohmann::json::array();

// `reach`: what must be reached; empty: a baseline.
void report(const std::string& what, double value, const std::string& unit, const std::string& reach = {}) {
  fmt::print("{:<62} {:>12.2f} {:<10} {}\n", what, value, unit, reach);
  std::fflush(stdout);
  g_results.push_back({{"what", what}, {"value", value}, {"unit", unit}, {"reach", reach}});
}

// Ethernet, IPv4 and UDP from 10.77.0.1 port 4000 to 10.77.0.2 port 4001.
std::vector<std::byte> udp_packet() {
  std::vector<unsigned char> bytes = {2,    0, 0,  0,  0, 2, 2,    0,    0,    0,    0, 1,  8,  0,
                                      0x45, 0, 0,  92, 0, 1, 0,    0,    64,   17,   0, 0,  10, 77,
                                      0,    1, 10, 77, 0, 2, 0x0f, 0xa0, 0x0f, 0xa1, 0, 72, 0,  0};
  bytes.resize(106);
  std::vector<std::byte> packet(bytes.size());
  std::memcpy(packet.data(), bytes.data(), bytes.size());
  return packet;
}

// Puts a rule for packets to 10.77.0.2 into a program that is attached nowhere.
void put(NetProgram& program, const NetRule& rule) {
  const auto parsed = must(agent::parse_net_rule(rule));
  must(program.clear_counts(0));
  program.rule(0) = parsed.shared;
  program.rule(0).end_ns = kForever;
  for (unsigned stage = 0; stage < FRACAS_STAGES; ++stage) program.stage_rules(static_cast<fracas_stage>(stage)) = 0;
  program.stage_rules(parsed.stage) = 1;
  for (const agent::NetPrefix& prefix : parsed.to) {
    fracas_net_prefix key{};
    key.length = prefix.length;
    std::copy(prefix.address.begin(), prefix.address.end(), key.address);
    must(program.set_prefix(agent::NetDirection::to, key, 1));
  }
  program.config().lease_end_ns = kForever;
  program.config().rules_armed = 1;
}

double ns_each(const NetProgram& program, NetHook hook) {
  const auto packet = udp_packet();
  double best = 1e9;
  for (int round = 0; round < 7; ++round)
    best = std::min(best, static_cast<double>(must(program.try_packet(hook, packet, 300'000)).ns_each));
  return best;
}

NetRule full_rule() {
  return {.kind = "net.loss",
          .to = {"10.77.0.0/24"},
          .ports = {"4001"},
          .burst = agent::NetBurst{.enter = 0.01, .leave = 0.3},
          .seed = 1};
}

void cost_of_a_packet() {
  auto program = must(NetProgram::load());
  const double idle = ns_each(program, NetHook::egress);
  report("packet, nothing armed (with the kernel's test loop)", idle, "ns");
  NetRule elsewhere = full_rule();
  elsewhere.to = {"10.99.0.0/24"};
  put(program, elsewhere);
  for (const auto& [hook, name] : {std::pair(NetHook::ingress, "arriving"), std::pair(NetHook::egress, "leaving")})
    report(fmt::format("packet {}, armed, matches nothing: added", name), ns_each(program, hook) - idle, "ns", "<= 60");
  put(program, full_rule());
  report("packet, full rule (prefix, port, window, bursts, counts): added", ns_each(program, NetHook::egress) - idle,
         "ns", "<= 200");
}

// How far the share lost lies from the model's, in standard deviations.
void exactness_of_loss() {
  constexpr unsigned kPackets = 1'000'000;
  auto program = must(NetProgram::load());
  const auto packet = udp_packet();
  for (const double share : {0.001, 0.01, 0.2}) {
    put(program, {.kind = "net.loss", .to = {"10.77.0.2"}, .loss = share, .seed = 5});
    must(program.try_packet(NetHook::egress, packet, kPackets));
    const double lost = static_cast<double>(program.counts(0).affected);
    report(fmt::format("loss of {}%: {:.4f}% of 1e6 packets; off by", share * 100, lost / kPackets * 100),
           std::abs(lost - kPackets * share) / std::sqrt(kPackets * share * (1 - share)), "sigma", "<= 3");
  }
  const agent::NetBurst burst{.enter = 0.01, .leave = 0.3};
  put(program, {.kind = "net.loss", .to = {"10.77.0.2"}, .burst = burst, .seed = 5});
  must(program.try_packet(NetHook::egress, packet, kPackets));
  const double lost = static_cast<double>(program.counts(0).affected);
  const double share = burst.enter / (burst.enter + burst.leave);
  const double c = 1 - burst.enter - burst.leave;
  const double sigma = std::sqrt(kPackets * share * (1 - share) * (1 + c) / (1 - c));
  report(fmt::format("loss in bursts: {:.4f}% of 1e6 packets; off by", lost / kPackets * 100),
         std::abs(lost - kPackets * share) / sigma, "sigma", "<= 3");
}

std::vector<std::string> peers(int count) {
  std::vector<std::string> prefixes;
  for (int i = 0; i < count; ++i) prefixes.push_back(fmt::format("10.88.{}.{}", i / 200, i % 200 + 1));
  return prefixes;
}

template <typename Work>
double microseconds_of(Work work) {
  const std::int64_t start = os::boot_now_ns();
  work();
  return static_cast<double>(os::boot_now_ns() - start) * 1e-3;
}

double cut_peers(agent::NetPlane& plane, int count, double& heal_us) {
  std::unique_ptr<agent::Effect> effect;
  const double cut_us = microseconds_of([&] {
    effect = prepare(plane, {.kind = "net.partition", .from = peers(count), .to = peers(count)});
    arm(plane, *effect);
  });
  heal_us = microseconds_of([&] { must(effect->revert()); });
  return cut_us;
}

double speed_of_changes(const Hosts& hosts) {
  auto plane = open_plane(hosts.a);
  auto effect = prepare(*plane, {.kind = "net.partition", .from = peers(1000), .to = peers(1000)});
  std::vector<double> arms;
  for (int i = 0; i < 2000; ++i) {
    arms.push_back(microseconds_of([&] { arm(*plane, *effect); }));
    arms.push_back(microseconds_of([&] { disarm(*effect); }));
  }
  report("an armed rule changed, 1000 peers at once: p50", quantile(arms, 0.5), "us", "<= 20");
  report("an armed rule changed, 1000 peers at once: p99", quantile(arms, 0.99), "us");
  must(effect->revert());
  double ours = 0;
  for (const int count : {100, 1000}) {
    std::vector<double> cuts;
    std::vector<double> heals;
    for (int i = 0; i < 20; ++i) {
      double heal_us = 0;
      cuts.push_back(cut_peers(*plane, count, heal_us));
      heals.push_back(heal_us);
    }
    if (count == 100) ours = quantile(cuts, 0.5);
    const std::string reach = count == 1000 ? "<= 5000" : "";
    report(fmt::format("{} peers partitioned from nothing, both ways: p50", count), quantile(cuts, 0.5), "us", reach);
    report(fmt::format("{} peers healed: p50", count), quantile(heals, 0.5), "us", reach);
  }
  return ours;
}

using Command = std::vector<std::string>;

void time_program(const os::NetNamespace& netns, const std::vector<Command>& before,
                  const std::vector<Command>& commands, const std::string& name, double ours_us) {
  for (const Command& command : before)
    if (!run(netns, command)) return;
  bool worked = true;
  const double us = microseconds_of([&] {
    for (const Command& command : commands) worked = worked && run(netns, command);
  });
  if (!worked) return fmt::print("{}: not installed, or it failed here\n", name);
  report(name, us, "us");
  report("  that is, times ours", us / ours_us, "", ">= 50");
}

// Cutting off 100 peers with the programs that others call.
void compare_with_programs(double ours_us) {
  const Hosts hosts = make_hosts();
  std::vector<Command> iptables;
  std::vector<Command> nft;
  std::vector<Command> tc;
  for (const std::string& peer : peers(100)) {
    iptables.push_back({"iptables", "-w", "-A", "INPUT", "-s", peer, "-j", "DROP"});
    iptables.push_back({"iptables", "-w", "-A", "OUTPUT", "-d", peer, "-j", "DROP"});
    nft.push_back({"nft", "add", "rule", "ip", "cut", "in", "ip", "saddr", peer, "drop"});
    nft.push_back({"nft", "add", "rule", "ip", "cut", "out", "ip", "daddr", peer, "drop"});
    tc.push_back({"tc", "filter", "add", "dev", "va", "egress", "protocol", "ip", "u32", "match", "ip", "dst", peer,
                  "action", "drop"});
    tc.push_back({"tc", "filter", "add", "dev", "va", "ingress", "protocol", "ip", "u32", "match", "ip", "src", peer,
                  "action", "drop"});
  }
  time_program(hosts.a, {}, iptables, "100 peers by iptables, one rule a call", ours_us);
  const std::string hook = "{ type filter hook ";
  time_program(hosts.a,
               {{"nft", "add", "table", "ip", "cut"},
                {"nft", "add", "chain", "ip", "cut", "in", hook + "prerouting priority -300 ; }"},
                {"nft", "add", "chain", "ip", "cut", "out", hook + "output priority -300 ; }"}},
               nft, "100 peers by nft, one rule a call", ours_us);
  time_program(hosts.a, {{"tc", "qdisc", "add", "dev", "va", "clsact"}}, tc, "100 peers by tc, one filter a call",
               ours_us);
}

void exactness_of_delay(const Hosts& hosts) {
  for (const double rate : {1'000.0, 10'000.0, 50'000.0}) {
    const int count = static_cast<int>(rate * 1.2);
    const double base = quantile(one_way_ns(hosts, count, rate), 0.5);
    report(fmt::format("one way at {} packets/s, no fault: p50", rate), base * 1e-3, "us");
    for (const int asked_ms : {1, 10, 100}) {
      auto plane = open_plane(hosts.a);
      auto effect = prepare(*plane, {.kind = "net.delay", .to = {"10.77.0.2"}, .delay = milliseconds(asked_ms)});
      arm(*plane, *effect);
      auto times = one_way_ns(hosts, count, rate);
      const double lost = count - static_cast<double>(times.size());
      for (double& one : times) one = (one - asked_ms * 1e6 - base) * 1e-3;
      const std::string name =
          fmt::format("delay of {} ms at {} packets/s by {}: error", asked_ms, rate, effect->mechanism());
      report(name + " p50", quantile(times, 0.5), "us", "<= 20");
      report(name + " p99", quantile(times, 0.99), "us", "<= 150");
      if (lost > 0) report("  lost", lost, "packets", "0");
      must(effect->revert());
    }
  }
}

void throughput(const Hosts& hosts) {
  report("TCP without a plane", stream_gbit(hosts, 1.5), "Gbit/s");
  report("packets without a plane", flood(hosts, 1) * 1e-3, "k/s");
  auto plane = open_plane(hosts.a);
  report("TCP, plane attached, nothing armed", stream_gbit(hosts, 1.5), "Gbit/s", ">= 0.97 x");
  auto effect = prepare(*plane, {.kind = "net.delay", .to = {"10.77.0.2"}, .delay = milliseconds(10)});
  arm(*plane, *effect);
  report("TCP through a delay of 10 ms", stream_gbit(hosts, 1.5), "Gbit/s", ">= 5");
  report("packets through a delay of 10 ms", flood(hosts, 1) * 1e-3, "k/s", ">= 150");
}

}  // namespace
}  // namespace fracas::bench

int main(int argc, char** argv) {
  using namespace fracas::bench;
  const std::string json = argc == 3 && std::string_view(argv[1]) == "--json" ? argv[2] : "";
  if (argc > 1 && json.empty()) {
    fmt::print(stderr, "usage: bench_net [--json FILE]\n");
    return 6;
  }
  cost_of_a_packet();
  exactness_of_loss();
  {
    const Hosts hosts = make_hosts();
    compare_with_programs(speed_of_changes(hosts));
  }
  const Hosts hosts = make_hosts();
  throughput(hosts);
  exactness_of_delay(hosts);
  if (!json.empty()) std::ofstream(json) << g_results.dump(2) << "\n";
  return 0;
}
