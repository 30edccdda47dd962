#include "tests/bench/net_bench.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

#include "agent/bpf/net_program.h"
#include "agent/faults/net_rule.h"
#include "lib/base/median.h"
#include "lib/os/clock.h"
#include "lib/os/netlink.h"
#include "tests/bench/net_bench_hosts.h"
#include "tests/trial/net_trial.h"

namespace fracas::bench {
namespace {

using agent::NetHook;
using agent::NetProgram;
using agent::NetRule;
using std::chrono::milliseconds;

double ns_each(const NetProgram& program, NetHook hook) {
  const auto packet = trial::udp_packet();
  double best = 1e9;
  for (int round = 0; round < 7; ++round)
    best = std::min(best, static_cast<double>(must(program.try_packet(hook, packet, 300'000)).ns_each));
  return best;
}

// The same of a program that lets everything pass: what the test loop itself takes.
double ns_of_nothing() {
  const bpf_insn program[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, -1}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  const os::UniqueFd fd(
      ::bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nothing", "GPL", program, std::size(program), nullptr));
  const auto packet = trial::udp_packet();
  double best = 1e9;
  for (int round = 0; round < 7; ++round) {
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.data_in = packet.data();
    options.data_size_in = static_cast<__u32>(packet.size());
    options.repeat = 300'000;
    if (::bpf_prog_test_run_opts(fd.get(), &options) != 0) must(system_failure("run a program that does nothing"));
    best = std::min(best, static_cast<double>(options.duration));
  }
  return best;
}

NetRule full_rule() {
  return {.kind = "net.loss",
          .to = {"10.77.0.0/24"},
          .ports = {"4001"},
          .burst = agent::NetBurst{.enter = 0.01, .leave = 0.3},
          .seed = 1};
}

void cost_of_a_packet(Report& report) {
  auto program = must(NetProgram::load());
  const double nothing = ns_of_nothing();
  report.add("a program that does nothing, in the kernel's own test loop", nothing, "ns");
  report.add("nothing armed: added", ns_each(program, NetHook::egress) - nothing, "ns", at_most(60));
  NetRule elsewhere = full_rule();
  elsewhere.to = {"10.99.0.0/24"};
  must(trial::put(program, elsewhere));
  for (const auto& [hook, name] : {std::pair(NetHook::ingress, "arriving"), std::pair(NetHook::egress, "leaving")})
    report.add(fmt::format("armed, a packet {} that nothing matches: added", name), ns_each(program, hook) - nothing,
               "ns", at_most(60));
  must(trial::put(program, full_rule()));
  report.add("full rule (prefix, port, window, bursts, counts): added", ns_each(program, NetHook::egress) - nothing,
             "ns", at_most(200));
}

// How far the share lost lies from the model's, in standard deviations. tests/kernel/net_order_test.cpp judges the
// lengths of bursts.
void exactness_of_loss(Report& report) {
  constexpr unsigned kPackets = 1'000'000;
  auto program = must(NetProgram::load());
  const auto packet = trial::udp_packet();
  for (const double share : {0.001, 0.01, 0.2}) {
    must(trial::put(program, {.kind = "net.loss", .to = {"10.77.0.2"}, .loss = share, .seed = 5}));
    must(program.try_packet(NetHook::egress, packet, kPackets));
    const double lost = static_cast<double>(program.counts(0).affected);
    report.add(fmt::format("{}% asked, {:.4f}% of 1e6 packets lost; off by", share * 100, lost / kPackets * 100),
               std::abs(lost - kPackets * share) / std::sqrt(kPackets * share * (1 - share)), "sigma", at_most(3));
  }
  const agent::NetBurst burst{.enter = 0.01, .leave = 0.3};
  must(trial::put(program, {.kind = "net.loss", .to = {"10.77.0.2"}, .burst = burst, .seed = 5}));
  must(program.try_packet(NetHook::egress, packet, kPackets));
  const double lost = static_cast<double>(program.counts(0).affected);
  const double share = burst.enter / (burst.enter + burst.leave);
  const double c = 1 - burst.enter - burst.leave;
  const double sigma = std::sqrt(kPackets * share * (1 - share) * (1 + c) / (1 - c));
  report.add(fmt::format("bursts, {:.4f}% asked, {:.4f}% lost; off by", share * 100, lost / kPackets * 100),
             std::abs(lost - kPackets * share) / sigma, "sigma", at_most(3));
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
  // Written down before, as the commands of the others are.
  const NetRule rule{.kind = "net.partition", .from = peers(count), .to = peers(count)};
  std::unique_ptr<agent::Effect> effect;
  const double cut_us = microseconds_of([&] {
    effect = prepare(plane, rule);
    arm(plane, *effect);
  });
  heal_us = microseconds_of([&] { must(effect->revert()); });
  return cut_us;
}

void speed_of_changes(Report& report, agent::NetPlane& plane) {
  auto effect = prepare(plane, {.kind = "net.partition", .from = peers(1000), .to = peers(1000)});
  std::vector<double> arms;
  for (int i = 0; i < 2000; ++i) {
    arms.push_back(microseconds_of([&] { arm(plane, *effect); }));
    arms.push_back(microseconds_of([&] { disarm(*effect); }));
  }
  report.add("an armed rule changed, 1000 peers at once: p50", quantile(arms, 0.5), "us", at_most(20));
  report.add("  p99", quantile(arms, 0.99), "us", at_most(20));
  must(effect->revert());
  for (const int count : {100, 1000}) {
    std::vector<double> cuts;
    std::vector<double> heals;
    for (int i = 0; i < 20; ++i) {
      double heal_us = 0;
      cuts.push_back(cut_peers(plane, count, heal_us));
      heals.push_back(heal_us);
    }
    const Goal goal = count == 1000 ? at_most(5000) : Goal{};
    report.add(fmt::format("{} peers cut off from nothing, both ways: p50", count), quantile(cuts, 0.5), "us", goal);
    report.add(fmt::format("{} peers healed: p50", count), quantile(heals, 0.5), "us", goal);
  }
}

using Command = std::vector<std::string>;

// What others do: which programs they call, one after the other, and what must be there before.
struct Rival {
  std::string name;
  std::vector<Command> before{};
  std::vector<Command> commands{};
};

void add_both_ways(std::vector<Rival>& rivals, const std::string& peer) {
  rivals[0].commands.push_back({"iptables", "-w", "-A", "INPUT", "-s", peer, "-j", "DROP"});
  rivals[0].commands.push_back({"iptables", "-w", "-A", "OUTPUT", "-d", peer, "-j", "DROP"});
  rivals[1].commands.push_back({"nft", "add", "rule", "ip", "cut", "in", "ip", "saddr", peer, "drop"});
  rivals[1].commands.push_back({"nft", "add", "rule", "ip", "cut", "out", "ip", "daddr", peer, "drop"});
  rivals[2].commands.push_back({"tc", "filter", "add", "dev", "va", "parent", "1:", "protocol", "ip", "u32", "match",
                                "ip", "dst", peer, "flowid", "1:1"});
}

std::vector<Rival> make_rivals() {
  const std::string hook = "{ type filter hook ";
  const std::vector<Command> tables = {
      {"nft", "add", "table", "ip", "cut"},
      {"nft", "add", "chain", "ip", "cut", "in", hook + "prerouting priority -300 ; }"},
      {"nft", "add", "chain", "ip", "cut", "out", hook + "output priority -300 ; }"}};
  std::vector<Rival> rivals{
      {.name = "iptables, a call for each peer and way"},
      {.name = "nft, a call for each peer and way", .before = tables},
      // Into a class whose qdisc is to lose all, as Chaos Mesh does; tc acts on what leaves alone.
      {.name = "tc, a call for each peer, one way",
       .before = {{"tc", "qdisc", "add", "dev", "va", "root", "handle", "1:", "htb"},
                  {"tc", "class", "add", "dev", "va", "parent", "1:", "classid", "1:1", "htb", "rate", "8bit"}}}};
  std::string all;
  for (const std::string& peer : peers(100)) {
    add_both_ways(rivals, peer);
    all += (all.empty() ? "" : ",") + peer;
  }
  rivals.push_back({.name = "iptables, a call for each way with a list, as Jepsen does",
                    .commands = {{"iptables", "-w", "-A", "INPUT", "-s", all, "-j", "DROP"},
                                 {"iptables", "-w", "-A", "OUTPUT", "-d", all, "-j", "DROP"}}});
  rivals.push_back({.name = "nft, one call with all peers in a set",
                    .before = tables,
                    .commands = {{"nft", "add rule ip cut in ip saddr { " + all +
                                             " } drop; add rule ip cut out ip daddr { " + all + " } drop"}}});
  return rivals;
}

// How long its commands take, in microseconds, in a namespace of its own; none if one fails.
std::optional<double> time_of(const Rival& rival) {
  const Hosts hosts = make_hosts();
  bool worked = true;
  for (const Command& command : rival.before) worked = worked && run(hosts.a, command);
  const double us = microseconds_of([&] {
    for (const Command& command : rival.commands) worked = worked && run(hosts.a, command);
  });
  return worked ? std::optional(us) : std::nullopt;
}

// Cutting off 100 peers with the programs that others call, in turns with ours; the middle ones of the turns.
void compare_with_programs(Report& report, agent::NetPlane& plane) {
  constexpr int kTurns = 7;
  for (const Rival& rival : make_rivals()) {
    std::vector<double> theirs, ours;
    for (int turn = 0; turn < kTurns; ++turn) {
      if (const auto us = time_of(rival)) theirs.push_back(*us);
      double heal_us = 0;
      for (int i = 0; i < kTurns; ++i) ours.push_back(cut_peers(plane, 100, heal_us));
    }
    if (theirs.empty()) {
      report.skip(rival.name, "the program is not installed, or its kernel part is missing");
      continue;
    }
    report.add(rival.name, median(theirs), "us");
    report.add("  that is, times ours", median(theirs) / median(ours), "x", at_least(50));
  }
}

// The classifier attached as an agent attaches it, nothing armed.
std::vector<agent::NetAttachment> attach_idle(const NetProgram& program, const Hosts& hosts) {
  std::vector<agent::NetAttachment> attachments;
  must(hosts.a.run([&]() -> Status {
    const auto link = must(must(os::RouteSocket::open()).link("va"));
    for (const NetHook hook : {NetHook::ingress, NetHook::egress})
      attachments.push_back(must(program.attach(hook, link.index)));
    return {};
  }));
  return attachments;
}

// What goes in a short turn; nothing does between turns.
double turn(Traffic& traffic) {
  traffic.pause(false);
  static_cast<void>(traffic.rate(0.01));  // what was left over
  const double rate = traffic.rate(0.05);
  traffic.pause(true);
  return rate;
}

// Two pairs of hosts, one of them with the classifier, take turns, because a machine's speed changes; half-way they
// change sides, because no two pairs are alike. Nothing is attached or detached between turns, because that slows down
// the whole machine for a while. The middle one of the ratios of neighbours; and, because whatever disturbs a turn
// slows it down, what the fastest quarters of both reached.
void share_of_throughput(Report& report, Traffic::Kind kind, const std::string& name, const std::string& unit) {
  constexpr int kRounds = 60;  // on each side
  const auto program = must(NetProgram::load());
  const std::array<Hosts, 2> pairs{make_hosts(), make_hosts()};
  std::array<Traffic, 2> traffic{Traffic(pairs[0], kind), Traffic(pairs[1], kind)};
  for (Traffic& each : traffic) static_cast<void>(turn(each));
  std::vector<double> with, without, ratios;
  for (std::size_t side = 0; side < 2; ++side) {
    const auto attachments = attach_idle(program, pairs[side]);
    os::sleep_until_boot_ns(os::boot_now_ns() + 300'000'000);
    for (int round = 0; round < kRounds; ++round) {
      double attached = 0;
      if (round % 2 == 1) attached = turn(traffic[side]);
      without.push_back(turn(traffic[1 - side]));
      if (round % 2 == 0) attached = turn(traffic[side]);
      with.push_back(attached);
      ratios.push_back(attached / without.back());
    }
  }
  report.add(name + ", no classifier", quantile(without, 0.5), unit);
  report.add(fmt::format("  with one, nothing armed: times that (quartiles {:.3f} to {:.3f})", quantile(ratios, 0.25),
                         quantile(ratios, 0.75)),
             quantile(ratios, 0.5), "x", at_least(0.97));
  report.add("  the same of the fastest quarters", quantile(with, 0.875) / quantile(without, 0.875), "x",
             at_least(0.97));
}

void throughput_of_line(Report& report, const Hosts& hosts) {
  auto plane = open_plane(hosts.a);
  auto effect = prepare(*plane, {.kind = "net.delay", .to = {"10.77.0.2"}, .delay = milliseconds(10)});
  arm(*plane, *effect);
  for (const auto kind : {Traffic::Kind::stream, Traffic::Kind::packets}) {
    const bool packets = kind == Traffic::Kind::packets;
    const Traffic traffic(hosts, kind);
    static_cast<void>(traffic.rate(1));  // to start
    const double rate = traffic.rate(1.5);
    report.add(fmt::format("{} through a delay of 10 ms by {}", packets ? "packets" : "TCP", effect->mechanism()),
               packets ? rate * 1e-3 : rate, packets ? "k/s" : "Gbit/s", at_least(packets ? 150 : 5));
  }
}

}  // namespace

void bench_packets(Report& report) {
  report.heading("A packet");
  cost_of_a_packet(report);
  report.heading("Loss");
  exactness_of_loss(report);
}

void bench_changes(Report& report) {
  report.heading("Changes");
  const Hosts hosts = make_hosts();
  const auto plane = open_plane(hosts.a);
  speed_of_changes(report, *plane);
  report.heading("100 peers cut off by the programs that others call");
  compare_with_programs(report, *plane);
}

void bench_throughput(Report& report) {
  const Hosts hosts = make_hosts();
  report.heading("Throughput");
  share_of_throughput(report, Traffic::Kind::packets, "packets a second", "/s");
  share_of_throughput(report, Traffic::Kind::stream, "TCP", "Gbit/s");
  throughput_of_line(report, hosts);
}

}  // namespace fracas::bench
