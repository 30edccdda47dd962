#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "controller/report/run_record.h"

// Runs that never happened, but look like ones that did: for tests of the reports and for looking at them.
namespace fracas::controller::sample {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kOrigin = 86'400 * kSecond;  // the machine was up for a day

inline std::int64_t at(double seconds) {
  return kOrigin + static_cast<std::int64_t>(seconds * 1e9);
}

inline model::HostEffect effect(std::string host, std::string mechanism, std::uint64_t affected, double first,
                                double last) {
  return {.host = std::move(host),
          .mechanism = std::move(mechanism),
          .counters = {affected + affected / 7, affected, affected * 94, affected == 0 ? 0 : at(first),
                       affected == 0 ? 0 : at(last)}};
}

inline std::vector<model::FaultWindow> faults() {
  std::vector<model::FaultWindow> all;
  all.push_back({"ring#1", "ring", "net.partition", "n1 n2 | n3 n4 n5", at(5), at(15), {}});
  for (int i = 1; i <= 5; ++i)
    all.back().effects.push_back(
        effect("n" + std::to_string(i), "tcx", 400 + 97U * static_cast<unsigned>(i), 5.0004, 14.98));
  all.push_back(
      {"kill#1", "kill", "process.kill", "the leader, n3, with SIGKILL; restart after 2s", at(18), at(20), {}});
  all.back().effects.push_back(effect("n3", "pidfd", 1, 18.0002, 18.0002));
  all.push_back({"slow#1", "slow", "net.delay", "40ms ± 10ms from followers", at(23), at(29.5), {}});
  for (int i : {1, 2, 3, 5})
    all.back().effects.push_back(effect("n" + std::to_string(i), "tap-line", 2310, 23.001, 29.49));
  all.push_back({"freeze#1", "freeze", "process.pause", "n5", at(26), at(28), {}});
  all.back().effects.push_back(effect("n5", "freezer", 1, 26.0007, 26.0007));
  return all;
}

inline model::NodeEvent role(double seconds, std::string node, std::uint64_t term, model::Role role) {
  return {.time_ns = at(seconds),
          .node = std::move(node),
          .type = model::NodeEventType::role,
          .term = term,
          .role = role,
          .peer = {}};
}

inline std::vector<model::NodeEvent> node_events() {
  using model::Role;
  std::vector<model::NodeEvent> all;
  for (int i = 1; i <= 5; ++i)
    all.push_back({.time_ns = at(0.02 * i),
                   .node = "n" + std::to_string(i),
                   .type = model::NodeEventType::start,
                   .term = 0,
                   .peer = {}});
  const auto elect = [&all](double seconds, std::string leader, std::uint64_t term,
                            std::vector<std::string> followers) {
    all.push_back(role(seconds - 0.03, leader, term - 1, Role::pre_candidate));
    all.push_back(role(seconds - 0.02, leader, term, Role::candidate));
    all.push_back(role(seconds, leader, term, Role::leader));
    for (std::string& node : followers) all.push_back(role(seconds + 0.002, std::move(node), term, Role::follower));
  };
  elect(0.35, "n1", 1, {"n2", "n3", "n4", "n5"});
  elect(6.3, "n3", 2, {"n4", "n5"});
  all.push_back(role(15.2, "n1", 2, Role::follower));
  all.push_back(role(15.2, "n2", 2, Role::follower));
  for (double t : {18.4, 18.9}) all.push_back(role(t, "n5", t < 18.5 ? 3 : 4, Role::candidate));
  all.push_back(role(18.7, "n5", 3, Role::follower));
  elect(19.2, "n4", 5, {"n1", "n2", "n5"});
  all.push_back({.time_ns = at(20.1), .node = "n3", .type = model::NodeEventType::start, .term = 2, .peer = {}});
  all.push_back(role(20.3, "n3", 5, Role::follower));
  return all;
}

// How the service is at a moment: how slow its answers are, and how likely a call fails or times out.
struct Weather {
  double median_ms = 1.6;
  double fail = 0.0005;
  double lost = 0.0005;
};

inline Weather weather(double t) {
  if (t >= 5 && t < 6.3) return {2.5, 0.25, 0.6};
  if (t >= 6.3 && t < 15) return {2.2, 0.06, 0.012};
  if (t >= 18 && t < 19.2) return {2.5, 0.5, 0.35};
  if (t >= 23 && t < 29.5) return {83, 0.001, 0.002};
  return {};
}

// One client's operations, one after the other; a new name after each lost one.
inline void add_client(std::vector<model::Event>& history, int client, double seconds, double rate,
                       std::mt19937_64& random) {
  const auto uniform = [&random] { return std::uniform_real_distribution<double>(0, 1)(random); };
  int life = 0;
  std::int64_t value = client * 1'000'000;
  for (double t = 0.5 + uniform() / rate; t < seconds - 0.1;) {
    const Weather now = weather(t);
    const double lot = uniform();
    const bool lost = lot < now.lost;
    const bool failed = !lost && lot < now.lost + now.fail;
    const double latency = lost ? 1.0
                           : failed
                               ? 0.002 + 0.1 * uniform()
                               : now.median_ms / 1000 * std::exp(0.45 * std::normal_distribution<double>()(random));
    model::Event event{.time_ns = at(t),
                       .process = "c" + std::to_string(client) + (life > 0 ? "." + std::to_string(life) : ""),
                       .function = uniform() < 0.5 ? model::Function::read : model::Function::write,
                       .key = "k" + std::to_string(static_cast<int>(uniform() * 20)),
                       .value = {},
                       .node = "n" + std::to_string(1 + static_cast<int>(uniform() * 5)),
                       .error = {}};
    if (event.function == model::Function::write) event.value = ++value;
    history.push_back(event);
    event.time_ns = at(t + latency);
    event.type = lost ? model::EventType::info : failed ? model::EventType::fail : model::EventType::ok;
    if (lost) event.error = "timed out after 1s";
    if (failed) event.error = "no leader";
    if (event.type == model::EventType::ok && event.function == model::Function::read) event.value = value;
    history.push_back(event);
    if (lost) ++life;
    t = std::max(t + latency + 0.0002, t + -std::log(1 - uniform()) / rate);
  }
}

inline std::vector<model::Event> history(double seconds, double rate, int clients = 10) {
  std::mt19937_64 random(7);
  std::vector<model::Event> all;
  for (int client = 1; client <= clients; ++client) add_client(all, client, seconds, rate / clients, random);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  return all;
}

// 43 s on five nodes with four faults; everything held.
inline RunRecord passed(double rate = 290) {
  RunRecord record;
  record.name = "raft-majorities-ring";
  record.doc = "Every node sees a different majority, then the leader dies. Acknowledged writes must survive.";
  record.seed = 7;
  record.outcome = Outcome::pass;
  record.reason = "Every check held while 4 faults acted on the cluster.";
  record.fracas_version = "0.1.0";
  record.kernel = "Linux 6.1.0-18-amd64";
  record.started_at = "2025-03-14T09:26:53Z";
  record.world = "lab, 5 hosts";
  record.target = "raft";
  record.workload = "register, 10 clients, 290/s, 20 keys";
  record.hosts = {"n1", "n2", "n3", "n4", "n5"};
  record.phases = {at(0), at(3), at(33), at(43)};
  record.faults = faults();
  record.history = history(43, rate);
  record.node_events = node_events();
  record.checks.push_back({"linearizable",
                           checker::Verdict::pass,
                           "All 20 keys are linearizable as registers.",
                           {},
                           {},
                           {{"keys", 20}, {"operations", 11790}, {"search_ms", 412}}});
  record.checks.push_back({"raft",
                           checker::Verdict::pass,
                           "All four invariants held over 38,211 node events.",
                           {"election safety, log matching, leader completeness, state-machine safety"},
                           {},
                           {{"events", 38211}, {"terms", 5}}});
  record.checks.push_back({"availability",
                           checker::Verdict::pass,
                           "Recovered 0.5 s after the last fault ended; 5 s were allowed.",
                           {"longest time without an answer: 1.32 s, from 5.00 s on, during ring#1"},
                           {},
                           {{"ok_rate", 0.9631},
                            {"during_ok_rate", 0.9414},
                            {"latency_p50_ms", 1.71},
                            {"latency_p99_ms", 121.4},
                            {"recovery_s", 0.5}}});
  return record;
}

inline checker::Counterexample stale_read() {
  using checker::Outcome;
  checker::Counterexample example;
  example.key = "k7";
  example.sentence =
      "Key k7: c5 read 40 at n2, although c2's write of 41 had returned 1.4 s before and nobody wrote 40 again: a "
      "stale read.";
  example.operations = {
      {"c9", "n1", "write", "40", {}, Outcome::ok, at(4.812311), at(4.814002)},
      {"c4.1", "n1", "write", "39", {}, Outcome::info, at(5.120044), checker::kNever},
      {"c2", "n3", "write", "41", {}, Outcome::ok, at(6.911207), at(6.913954)},
      {"c2", "n3", "read", {}, "41", Outcome::ok, at(7.401333), at(7.402871)},
      {"c5", "n2", "read", {}, "40", Outcome::ok, at(8.314210), at(8.315020)},
  };
  example.dead_ends = {{"nothing", {{0, "40"}, {2, "41"}, {3, "41"}}, {{4, "does not fit: 41 is held"}}}};
  example.faults = {{"ring#1", "net.partition n1 n2 | n3 n4 n5", at(5), at(15)}};
  example.marks = {{at(6.4), "n3 became leader in term 2"}};
  example.fault_windows = {"ring#1"};
  example.fault_sentence = "During ring#1 (net.partition n1 n2 | n3 n4 n5), 3.3 s after its start.";
  example.run_start_ns = at(0);
  example.moment_ns = at(8.31502);
  return example;
}

// The same run on a system that answers reads from a deposed leader.
inline RunRecord violated() {
  RunRecord record = passed();
  record.name = "canary/raft-stale-read";
  record.doc = "A deposed leader answers reads from memory. The checker must see it.";
  record.target = "raft (bugs: stale-read)";
  record.outcome = Outcome::violated;
  record.reason = "Key k7 is not linearizable: c5 read a value that had been overwritten 1.4 s before.";
  record.checks[0].verdict = checker::Verdict::violated;
  record.checks[0].summary = "1 of 20 keys is not linearizable: k7.";
  record.checks[0].counterexample = stale_read();
  return record;
}

}  // namespace fracas::controller::sample
