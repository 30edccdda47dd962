// How exactly packets are held, by what this kernel offers and, where it has netem, beside netem itself.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>

#include "agent/line/netem_lateness.h"
#include "lib/base/median.h"
#include "lib/os/netlink.h"
#include "tests/bench/machine_lateness.h"
#include "tests/bench/net_bench.h"
#include "tests/bench/net_bench_hosts.h"

namespace fracas::bench {
namespace {

using agent::NetRule;
using std::chrono::milliseconds;

NetRule delay_of(int ms) {
  return {.kind = "net.delay", .to = {"10.77.0.2"}, .delay = milliseconds(ms)};
}

struct OneWay {
  double p50_ns = 0;
  double p99_ns = 0;
  double lost = 0;  // packets, of all turns
};

// A hypervisor that takes the processors away for some milliseconds spoils the packets of that moment, whoever holds
// them: many short turns, and of their quantiles the middle ones.
OneWay one_way(const Hosts& hosts, double rate) {
  constexpr int kTurns = 15;
  const int count = static_cast<int>(rate * 0.08);
  std::vector<double> p50s, p99s;
  OneWay result;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto times = one_way_ns(hosts, count, rate);
    result.lost += count - static_cast<double>(times.size());
    if (times.empty()) continue;
    p50s.push_back(quantile(times, 0.5));
    p99s.push_back(quantile(times, 0.99));
  }
  if (p50s.empty()) return result;
  result.p50_ns = median(p50s);
  result.p99_ns = median(p99s);
  return result;
}

void exactness_of_delay(Report& report, const Hosts& hosts) {
  for (const double rate : {1'000.0, 10'000.0, 50'000.0}) {
    lateness_of_machine(report);
    const OneWay untouched = one_way(hosts, rate);
    report.add(fmt::format("one way at {} packets/s, no fault: p50", rate), untouched.p50_ns * 1e-3, "us");
    report.add("  p99", untouched.p99_ns * 1e-3, "us");
    for (const int asked_ms : {1, 10, 50, 200}) {
      auto plane = open_plane(hosts.a);
      auto effect = prepare(*plane, delay_of(asked_ms));
      arm(*plane, *effect);
      const double stolen_before = stolen_ms();
      const OneWay held = one_way(hosts, rate);
      const double stolen = stolen_ms() - stolen_before;
      const auto error_us = [&](double time_ns) { return (time_ns - asked_ms * 1e6 - untouched.p50_ns) * 1e-3; };
      report.add(fmt::format("{} ms at {} packets/s by {}: error p50", asked_ms, rate, effect->mechanism()),
                 error_us(held.p50_ns), "us", at_most(20));
      report.add("  p99", error_us(held.p99_ns), "us", at_most(150));
      if (stolen > 0) report.add("  the hypervisor took the processors away meanwhile, for", stolen, "ms");
      if (held.lost > 0) report.add("  lost", held.lost, "packets", at_most(0));
      must(effect->revert());
    }
  }
}

// Who holds the packets: netem as the root qdisc of the interface, as others use it; or our fault.
enum class Holder { netem, ours };
constexpr std::array<std::pair<Holder, const char*>, 2> kHolders{
    {{Holder::netem, "netem itself"}, {Holder::ours, "net.delay"}}};

constexpr double kRate = 1'000;
constexpr int kPackets = 400;

// Two hosts, and who holds what the first one sends.
struct Held {
  Hosts hosts = make_hosts();
  double base_ns = 0;  // what a packet takes that nobody holds
  std::unique_ptr<agent::NetPlane> plane{};
  std::unique_ptr<agent::Effect> effect{};
};

Held hold(Holder holder, int asked_ms) {
  Held held;
  held.base_ns = quantile(one_way_ns(held.hosts, kPackets, kRate, Pace::uneven), 0.5);
  if (holder == Holder::netem) {
    auto socket = must(os::RouteSocket::open_in(held.hosts.a));
    must(socket.set_netem("va", {.delay_us = asked_ms * 1000, .limit_packets = 1'000'000}));
  } else {
    held.plane = open_plane(held.hosts.a);
    held.effect = prepare(*held.plane, delay_of(asked_ms));
    arm(*held.plane, *held.effect);
  }
  // Nobody's figures: an emulator translates a program that was just loaded while its first packets wait.
  static_cast<void>(one_way_ns(held.hosts, kPackets / 4, kRate));
  return held;
}

// The holders take turns, because a machine's speed changes, and each is first as often as the others; of the turns
// the middle one. An error is by how much a packet missed its time, early or late. Packets are sent at uneven times: at
// even ones each would be due just when another is sent, and on a single processor one of the two waits.
void errors_beside_netem(Report& report, int asked_ms) {
  constexpr std::size_t kTurns = 25;
  std::vector<Held> held;
  for (const auto& [holder, name] : kHolders) held.push_back(hold(holder, asked_ms));
  std::array<std::vector<double>, kHolders.size()> p50s, p99s;
  for (std::size_t turn = 0; turn < kTurns; ++turn)
    for (std::size_t next = 0; next < kHolders.size(); ++next) {
      const std::size_t i = (turn + next) % kHolders.size();
      auto errors = one_way_ns(held[i].hosts, kPackets, kRate, Pace::uneven);
      for (double& one : errors) one = std::abs(one - asked_ms * 1e6 - held[i].base_ns) * 1e-3;
      p50s[i].push_back(quantile(errors, 0.5));
      p99s[i].push_back(quantile(errors, 0.99));
    }
  for (std::size_t i = 0; i < kHolders.size(); ++i) {
    const bool rival = kHolders[i].first == Holder::netem;
    report.add(fmt::format("{} ms at {} packets/s by {}: error p50", asked_ms, kRate, kHolders[i].second),
               quantile(p50s[i], 0.5), "us", rival ? Goal{} : at_most(quantile(p50s[0], 0.5)));
    report.add("  p99", quantile(p99s[i], 0.5), "us", rival ? Goal{} : at_most(quantile(p99s[0], 0.5)));
    report.add("  p99 of the turns: quartiles from", quantile(p99s[i], 0.25), "us");
    report.add("  to", quantile(p99s[i], 0.75), "us");
  }
}

}  // namespace

void bench_delays(Report& report) {
  const Hosts hosts = make_hosts();
  report.heading("Delay");
  exactness_of_delay(report, hosts);
}

void bench_beside_netem(Report& report) {
  report.heading("Delay beside netem");
  if (const auto lateness = agent::least_netem_lateness(); !lateness) {
    report.skip("delay beside netem", lateness.error().message);
    return;
  }
  for (const int asked_ms : {1, 10, 50, 200}) errors_beside_netem(report, asked_ms);
}

}  // namespace fracas::bench
