// How exactly packets are held, by what this kernel offers and, where it has netem, beside netem itself.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "agent/line/netem_detour.h"
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

// Who holds the packets: netem as the root qdisc of the interface, as others use it; or a fault of ours.
enum class Holder { netem, ours, line };
constexpr std::array<std::pair<Holder, const char*>, 3> kHolders{
    {{Holder::netem, "netem itself"}, {Holder::ours, "net.delay by netem"}, {Holder::line, "net.delay by the line"}}};

// By how much the packets of one turn were late, in microseconds.
std::vector<double> errors_of(Holder holder, int asked_ms, int count, double rate) {
  const Hosts hosts = make_hosts();
  const double base = quantile(one_way_ns(hosts, count / 4, rate), 0.5);
  std::unique_ptr<agent::NetPlane> plane;
  std::unique_ptr<agent::Effect> effect;
  if (holder == Holder::netem) {
    auto socket = must(os::RouteSocket::open_in(hosts.a));
    must(socket.set_netem("va", {.delay_us = asked_ms * 1000, .limit_packets = 1'000'000}));
  } else {
    NetRule rule = delay_of(asked_ms);
    if (holder == Holder::line) rule.jitter = std::chrono::nanoseconds(1);  // netem would reorder
    plane = open_plane(hosts.a);
    effect = prepare(*plane, rule);
    arm(*plane, *effect);
  }
  auto times = one_way_ns(hosts, count, rate);
  for (double& one : times) one = (one - asked_ms * 1e6 - base) * 1e-3;
  return times;
}

// The holders take turns, because a machine's speed changes; of the turns the middle one.
void errors_beside_netem(Report& report, int asked_ms, double rate) {
  constexpr int kTurns = 3;
  std::array<std::vector<double>, kHolders.size()> p50s, p99s;
  for (int turn = 0; turn < kTurns; ++turn)
    for (std::size_t i = 0; i < kHolders.size(); ++i) {
      const auto errors = errors_of(kHolders[i].first, asked_ms, static_cast<int>(rate), rate);
      p50s[i].push_back(quantile(errors, 0.5));
      p99s[i].push_back(quantile(errors, 0.99));
    }
  for (std::size_t i = 0; i < kHolders.size(); ++i) {
    const bool rival = kHolders[i].first == Holder::netem;
    report.add(fmt::format("{} ms at {} packets/s by {}: error p50", asked_ms, rate, kHolders[i].second),
               quantile(p50s[i], 0.5), "us", rival ? Goal{} : at_most(quantile(p50s[0], 0.5)));
    report.add("  p99", quantile(p99s[i], 0.5), "us", rival ? Goal{} : at_most(quantile(p99s[0], 0.5)));
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
  if (auto probed = agent::NetemDetour::probe(); !probed) {
    report.skip("delay beside netem", probed.error().message);
    return;
  }
  for (const int asked_ms : {1, 10, 50, 200}) errors_beside_netem(report, asked_ms, 1'000);
}

}  // namespace fracas::bench
