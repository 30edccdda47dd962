#include "controller/classify/trials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "lib/model/selection.h"
#include "lib/model/suggest.h"

namespace fracas::controller::classify {
namespace {

using Side = std::vector<std::string>;

std::string toml(const std::vector<Side>& sides) {
  std::vector<std::string> lists;
  for (const Side& side : sides) lists.push_back(fmt::format("[\"{}\"]", fmt::join(side, "\", \"")));
  return fmt::format("[{}]", fmt::join(lists, ", "));
}

Trial partition(std::string name, std::vector<Side> sides) {
  return {
      .name = std::move(name),
      .doc = fmt::format("{} and {} are cut off from each other to the end; half of the clients stand on either side",
                         fmt::join(sides[0], " "), fmt::join(sides[1], " ")),
      .stress = Stress::partition,
      .faults = fmt::format("[[fault]]\nname = \"split\"\nkind = \"net.partition\"\nshape = \"groups\"\n"
                            "groups = {}\n",
                            toml(sides)),
      .overrides = {"workload.near=" + toml(sides)},
      .sides = std::move(sides)};
}

// The smaller side once begins and once ends the list, so that a leader that stays where it is has been on both.
void add_partitions(const model::HostCounts& hosts, std::vector<Trial>& trials) {
  const auto nodes = model::node_names(hosts);
  if (nodes.size() < 2) return;
  const auto split = [&nodes](std::size_t at) {
    const auto middle = nodes.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<Side>{Side(nodes.begin(), middle), Side(middle, nodes.end())};
  };
  const std::size_t minority = std::max<std::size_t>(1, (nodes.size() - 1) / 2);
  trials.push_back(partition("partition-first", split(minority)));
  if (nodes.size() > 2) trials.push_back(partition("partition-last", split(nodes.size() - minority)));
}

Trial isolation(std::string_view who) {
  return {.name = "isolation",
          .doc = fmt::format("the {} alone, again and again; clients reach everybody",
                             who == "leader" ? "leader is" : "members are, one at a time,"),
          .stress = Stress::isolation,
          .faults = fmt::format("[[fault]]\nname = \"alone\"\nkind = \"net.partition\"\nshape = \"isolate\"\n"
                                "on = \"{}\"\nat = \"500ms\"\nfor = \"2500ms\"\nevery = \"4s\"\n",
                                who)};
}

Trial delay() {
  return {.name = "delay",
          .doc = fmt::format("what members send each other is {:g} ms late", kDelayMs),
          .stress = Stress::delay,
          .faults = fmt::format("[[fault]]\nname = \"slow\"\nkind = \"net.delay\"\non = \"all\"\nto = \"all\"\n"
                                "delay = \"{:g}ms\"\n",
                                kDelayMs)};
}

Trial lag() {
  return {.name = "lag",
          .doc = "what a minority sends the others is 5 to 55 ms late",
          .stress = Stress::lag,
          .faults =
              "[[fault]]\nname = \"lag\"\nkind = \"net.delay\"\non = \"minority\"\nto = \"all\"\n"
              "delay = \"30ms\"\njitter = \"25ms\"\nfor = \"3s\"\nevery = \"4s\"\n"};
}

Trial clock() {
  return {.name = "clock",
          .doc = "one member's clocks are 2 s ahead, then one's run 30% slow",
          .stress = Stress::clock,
          .faults =
              "[[fault]]\nname = \"ahead\"\nkind = \"clock.skew\"\non = \"one\"\noffset = \"2s\"\n"
              "clocks = \"both\"\nfor = \"3500ms\"\n"
              "[[fault]]\nname = \"slow\"\nkind = \"clock.drift\"\non = \"one\"\nppm = -300000\n"
              "clocks = \"both\"\nat = \"4s\"\nfor = \"3500ms\"\n"};
}

Trial kill() {
  return {.name = "kill",
          .doc = "one member is killed and comes back, again and again, and once a majority at a time",
          .stress = Stress::kill,
          .faults =
              "[[fault]]\nname = \"kill\"\nkind = \"process.kill\"\non = \"one\"\nat = \"500ms\"\n"
              "every = \"2500ms\"\nrestart_after = \"500ms\"\n"
              "[[fault]]\nname = \"kill-many\"\nkind = \"process.kill\"\non = \"majority\"\nat = \"4s\"\n"
              "for = \"1s\"\nrestart_after = \"300ms\"\n"};
}

Weakest when(bool applies, std::vector<std::string> overrides, std::string words) {
  return applies ? Weakest{std::move(overrides), std::move(words)} : Weakest{};
}

// What each target needs to be seen at work: how soon it notices a failure decides how long faults last.
struct Defaults {
  std::string_view target;
  unsigned nodes;
  unsigned clients;
  std::string_view rate, timeout, attempt_timeout;
  std::string_view warmup, faults, recover;
};
constexpr std::array<Defaults, 7> kDefaults{{
    {"raft", 5, 10, "300/s", "1s", "150ms", "2s", "8s", "3s"},
    {"quorum", 5, 10, "300/s", "1s", "150ms", "2s", "8s", "3s"},
    {"etcd", 3, 9, "150/s", "2s", "1s", "2s", "10s", "5s"},
    {"zookeeper", 3, 9, "150/s", "2s", "1s", "3s", "10s", "6s"},
    {"redis-sentinel", 3, 6, "150/s", "2s", "1s", "2s", "12s", "15s"},
    {"redis-cluster", 3, 6, "150/s", "2s", "1s", "2s", "12s", "15s"},
    {"postgres", 3, 6, "100/s", "2s", "2s", "3s", "30s", "30s"},
}};

}  // namespace

std::string_view name(Stress stress) {
  switch (stress) {
    case Stress::none:
      return "no fault";
    case Stress::delay:
      return "delay";
    case Stress::lag:
      return "lag";
    case Stress::partition:
      return "partition";
    case Stress::isolation:
      return "isolation";
    case Stress::clock:
      return "clock";
    case Stress::kill:
      break;
  }
  return "kill";
}

Weakest weakest_options(const model::Experiment& experiment) {
  const model::Target& target = experiment.target();
  const auto set = [](std::string_view option, std::string_view value) {
    return fmt::format("target.options.{}={}", option, value);
  };
  if (target.has_raft())
    return when(target.raft().reads() != model::READ_MODE_LEASE, {set("reads", "lease")}, "reads = lease");
  if (target.has_quorum()) {
    const model::QuorumTarget& quorum = target.quorum();
    const bool siblings = quorum.mode() == model::QUORUM_MODE_SIBLINGS;
    const bool weaker = quorum.mode() != model::QUORUM_MODE_ATOMIC && quorum.reads() == 1 && quorum.writes() == 1;
    return when(!weaker, {set("mode", siblings ? "siblings" : "lww"), set("reads", "1"), set("writes", "1")},
                siblings ? "reads = 1, writes = 1" : "mode = lww, reads = 1, writes = 1");
  }
  if (target.has_etcd())
    return when(!target.etcd().serializable(), {set("serializable", "true")}, "serializable = true");
  if (target.has_zookeeper()) return when(target.zookeeper().sync(), {set("sync", "false")}, "sync = false");
  if (target.has_postgres())
    return when(target.postgres().synchronous(), {set("synchronous", "false")}, "synchronous = false");
  if (target.has_redis_sentinel()) return when(target.redis_sentinel().wait() > 0, {set("wait", "0")}, "wait = 0");
  return {};
}

std::vector<Trial> battery(const model::Experiment& experiment) {
  const model::HostCounts hosts = model::host_counts(experiment);
  std::vector<Trial> trials;
  trials.push_back({.name = "none", .doc = "nothing is done", .stress = Stress::none});
  if (hosts.nodes > 1) {
    trials.push_back(delay());
    trials.push_back(lag());
    add_partitions(hosts, trials);
    trials.push_back(isolation(model::has_leader(experiment.target()) ? "leader" : "one"));
  }
  trials.push_back(clock());
  trials.push_back(kill());
  const Weakest weakest = weakest_options(experiment);
  if (weakest.overrides.empty()) return trials;
  for (std::size_t i = 0, count = trials.size(); i < count; ++i) {
    if (trials[i].stress != Stress::none && trials[i].stress != Stress::delay) continue;
    Trial weak = trials[i];
    weak.name += "-weakest";
    weak.doc += ", with " + weakest.words;
    weak.weakest = true;
    weak.overrides = weakest.overrides;
    trials.push_back(std::move(weak));
  }
  return trials;
}

Result<std::string> default_experiment(std::string_view target) {
  const auto found =
      std::find_if(kDefaults.begin(), kDefaults.end(), [&](const Defaults& each) { return each.target == target; });
  if (target == "exec" || target == "maelstrom")
    return failure(
        fmt::format("target {} is more than its name: classify an experiment that says its programs", target));
  if (found == kDefaults.end()) {
    std::vector<std::string> known;
    for (const Defaults& each : kDefaults) known.emplace_back(each.target);
    return failure(fmt::format("\"{}\" is neither a file nor a target{}", target, model::suggestion(target, known)));
  }
  return fmt::format(
      "name = \"classify-{0}\"\nduration_max = \"10m\"\n"
      "[world]\nnodes = {1}\n"
      "[target]\nkind = \"{0}\"\n"
      "[workload]\nkind = \"register\"\nclients = {2}\nrate = \"{3}\"\nkeys = 5\nops_per_key_max = 100000\n"
      "timeout = \"{4}\"\nattempt_timeout = \"{5}\"\n"
      "[phases]\nwarmup = \"{6}\"\nfaults = \"{7}\"\nrecover = \"{8}\"\n",
      found->target, found->nodes, found->clients, found->rate, found->timeout, found->attempt_timeout, found->warmup,
      found->faults, found->recover);
}

}  // namespace fracas::controller::classify
