#include <fmt/format.h>

#include <set>

#include "controller/plan/resolve.h"
#include "controller/plan/timeline.h"
#include "controller/plan/victims_bound.h"
#include "lib/model/agent.pb.h"
#include "lib/model/experiment.h"
#include "tests/catch/catch.h"

namespace {

using namespace fracas;
using namespace std::chrono_literals;

model::ExperimentFile read(const std::string& faults) {
  auto file = model::read_experiment_text(R"(
name = "test"
duration_max = "1m"
[target]
kind = "raft"
[workload]
kind = "register"
[phases]
warmup = "1s"
faults = "20s"
recover = "2s"
)" + faults,
                                          "test.toml");
  INFO((file ? "" : file.error().message));
  REQUIRE(file.has_value());
  return std::move(*file);
}

controller::Timeline planned(const model::ExperimentFile& file, std::uint64_t seed = 1) {
  auto timeline = controller::plan(file, seed);
  INFO((timeline ? "" : timeline.error().message));
  REQUIRE(timeline.has_value());
  return std::move(*timeline);
}

std::map<std::string, controller::HostAddresses> addresses() {
  std::map<std::string, controller::HostAddresses> all;
  for (int i = 1; i <= 5; ++i) all[fmt::format("n{}", i)] = {fmt::format("10.0.0.{}", i), fmt::format("fd00::{}", i)};
  return all;
}

const std::string kKill =
    "[[fault]]\nkind = \"process.kill\"\non = \"one\"\nrestart_after = \"1s\"\nevery = {poisson = \"2s\"}\n";

std::vector<std::string> texts(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

}  // namespace

TEST_CASE("plan: the same seed gives the same timeline, another seed another one", "[unit][controller]") {
  const auto file = read(kKill);
  const auto starts = [&](std::uint64_t seed) {
    std::vector<std::pair<Duration, std::vector<std::string>>> all;
    for (const auto& fault : planned(file, seed).planned) all.emplace_back(fault.start, fault.victims);
    return all;
  };
  CHECK(starts(3) == starts(3));
  CHECK(starts(3) != starts(4));
}

TEST_CASE("plan: another fault does not change the choices made for the first", "[unit][controller]") {
  const auto alone = planned(read(kKill));
  const auto both = planned(read(
      "[[fault]]\nkind = \"net.loss\"\nname = \"other\"\non = \"minority\"\nloss = \"5%\"\nfor = \"3s\"\n" + kKill));
  std::vector<std::vector<std::string>> kills;
  for (const auto& fault : both.planned)
    if (fault.kind == "process.kill") kills.push_back(fault.victims);
  REQUIRE(kills.size() == alone.planned.size());
  for (std::size_t i = 0; i < kills.size(); ++i) CHECK(kills[i] == alone.planned[i].victims);
}

TEST_CASE("plan: repeated windows stay inside the phase and never overlap", "[unit][controller]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto timeline = planned(read(kKill), seed);
    Duration end{};
    for (const auto& fault : timeline.planned) {
      CHECK(fault.start >= end);
      end = fault.start + fault.length;
      CHECK(end <= timeline.faults);
    }
  }
}

TEST_CASE("plan: after starts at the other fault's end, with at its start", "[unit][controller]") {
  const auto timeline = planned(read(R"(
[[fault]]
name = "first"
kind = "net.partition"
at = "2s"
for = "3s"
[[fault]]
name = "second"
kind = "process.pause"
on = "one"
after = "first"
at = "500ms"
for = "1s"
[[fault]]
name = "third"
kind = "net.loss"
loss = "1%"
with = "first"
for = "1s"
)"));
  REQUIRE(timeline.planned.size() == 3);
  CHECK(timeline.planned[0].start == 2s);
  CHECK(timeline.planned[1].id == "third#1");
  CHECK(timeline.planned[1].start == 2s);
  CHECK(timeline.planned[2].start == 5500ms);
}

TEST_CASE("plan: more windows than a run can hold are refused, at the fault's place in the file",
          "[unit][controller]") {
  const auto file = read("[[fault]]\nkind = \"net.loss\"\nloss = \"1%\"\nfor = \"10ms\"\nevery = \"20ms\"\n");
  const auto timeline = controller::plan(file, 1);
  REQUIRE_FALSE(timeline.has_value());
  CHECK(timeline.error().message.rfind("test.toml:12:", 0) == 0);
}

TEST_CASE("plan: faults that together hit more hosts than allowed are refused where the bound is passed",
          "[unit][controller]") {
  const auto file = read(R"(
[safety]
victims_max = "40%"
[[fault]]
kind = "process.pause"
on = "n1,n2"
for = "3s"
[[fault]]
kind = "process.kill"
on = "n3"
at = "1s"
for = "1s"
)");
  const auto timeline = controller::plan(file, 1);
  REQUIRE_FALSE(timeline.has_value());
  CHECK(timeline.error().message.rfind("test.toml:19:", 0) == 0);
}

TEST_CASE("hits: a host counts once however often it is hit, and is free again after the last", "[unit][controller]") {
  controller::Hits hits(2);
  CHECK(hits.add({"n1"}));
  CHECK(hits.add({"n1", "n2"}));
  CHECK_FALSE(hits.add({"n3"}));
  hits.remove({"n1"});
  CHECK_FALSE(hits.add({"n3"}));
  hits.remove({"n1", "n2"});
  CHECK(hits.add({"n3"}));
}

TEST_CASE("resolve: a partition drops at the receivers and names both address families", "[unit][controller]") {
  const auto file =
      read("[[fault]]\nkind = \"net.partition\"\nshape = \"groups\"\ngroups = [[\"n1\"], [\"n2\", \"n3\"]]\n");
  const auto timeline = planned(file);
  const auto resolved =
      controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {}, addresses(), "node");
  REQUIRE(resolved.has_value());
  CHECK(resolved->victims == std::vector<std::string>{"n1", "n2", "n3"});
  const model::Injection& injection = *resolved->injections.at("n2");
  CHECK(injection.has_net_partition());
  CHECK(texts(injection.scope().from()) == std::vector<std::string>{"10.0.0.1/32", "fd00::1/128"});
  CHECK(injection.scope().to().empty());
}

TEST_CASE("resolve: all hosts of a partition choose the same connections, but draw by themselves",
          "[unit][controller]") {
  const auto file = read(
      "[[fault]]\nkind = \"net.partition\"\nshape = \"groups\"\ngroups = [[\"n1\"], [\"n2\"]]\nports = "
      "[\"7000\"]\nshare = \"50%\"\n");
  const auto timeline = planned(file);
  const auto resolved =
      controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {}, addresses(), "node");
  REQUIRE(resolved.has_value());
  const model::Injection& first = *resolved->injections.at("n1");
  const model::Injection& second = *resolved->injections.at("n2");
  CHECK(first.net_partition().flows().ports(0) == "7000");
  CHECK(first.net_partition().flows().share() == Approx(0.5));
  CHECK(first.scope().common_seed() == second.scope().common_seed());
  CHECK(first.scope().seed() != second.scope().seed());
  CHECK(resolved->description.ends_with(" port 7000 50% of connections"));
}

TEST_CASE("resolve: two faults choose their connections differently", "[unit][controller]") {
  const auto file = read(
      "[[fault]]\nname = \"a\"\nkind = \"net.loss\"\nloss = \"10%\"\nshare = \"50%\"\n"
      "[[fault]]\nname = \"b\"\nkind = \"net.loss\"\nloss = \"10%\"\nshare = \"50%\"\n");
  const auto timeline = planned(file);
  std::vector<std::uint64_t> seeds;
  for (const auto& fault : timeline.planned) {
    const auto resolved = controller::resolve(file.experiment(), fault, timeline.hosts, {}, addresses(), "node");
    REQUIRE(resolved.has_value());
    seeds.push_back(resolved->injections.begin()->second->scope().common_seed());
  }
  REQUIRE(seeds.size() == 2);
  CHECK(seeds[0] != seeds[1]);
}

TEST_CASE("resolve: DNS queries go everywhere, and are the target's unless the whole host is meant",
          "[unit][controller]") {
  const auto file = read(
      "[[fault]]\nname = \"a\"\nkind = \"net.dns\"\nnames = [\"*.lab\"]\n"
      "[[fault]]\nname = \"b\"\nkind = \"net.dns\"\nnames = [\"*\"]\nanswer = \"timeout\"\nwhole_host = true\n");
  const auto timeline = planned(file);
  REQUIRE(timeline.planned.size() == 2);
  const auto one = controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {}, addresses(), "node");
  const auto all = controller::resolve(file.experiment(), timeline.planned[1], timeline.hosts, {}, addresses(), "node");
  REQUIRE(one.has_value());
  REQUIRE(all.has_value());
  const model::Scope& scope = one->injections.at("n1")->scope();
  CHECK(texts(scope.to()) == std::vector<std::string>{"0.0.0.0/0", "::/0"});
  CHECK(texts(scope.services()) == std::vector<std::string>{"node"});
  CHECK(one->description.starts_with("no such name for *.lab on n1"));
  CHECK(all->injections.at("n1")->scope().services().empty());
  CHECK(all->description.starts_with("no answer for * on n1"));
}

TEST_CASE("resolve: where processes or senders are chosen, no service is named", "[unit][controller]") {
  const auto file = read(
      "[[fault]]\nname = \"a\"\nkind = \"process.kill\"\non = \"n2\"\nprocesses = { listen = 2379 }\n"
      "[[fault]]\nname = \"b\"\nkind = \"net.partition\"\nshape = \"groups\"\ngroups = [[\"n1\"], [\"n2\"]]\n"
      "senders = { cgroup = \"a/b\" }\n"
      "[[fault]]\nname = \"c\"\nkind = \"net.connect\"\non = \"n3\"\nsenders = { container = \"3f2a\" }\n");
  const auto timeline = planned(file);
  REQUIRE(timeline.planned.size() == 3);
  const auto resolve = [&](std::size_t which) {
    auto resolved =
        controller::resolve(file.experiment(), timeline.planned[which], timeline.hosts, {}, addresses(), "node");
    REQUIRE(resolved.has_value());
    for (const auto& [host, injection] : resolved->injections) CHECK(injection->scope().services().empty());
    return std::move(*resolved);
  };
  const auto kill = resolve(0);
  CHECK(kill.injections.at("n2")->process_kill().processes().listen() == 2379);
  CHECK(kill.description == "kill -9 n2: processes that listen on port 2379");
  const auto cut = resolve(1);
  // Only where they send it is known who they are.
  CHECK(cut.injections.at("n1")->scope().from().empty());
  CHECK(texts(cut.injections.at("n1")->scope().to()) == std::vector<std::string>{"10.0.0.2/32", "fd00::2/128"});
  CHECK(cut.description.ends_with(" of processes of cgroup a/b"));
  CHECK(resolve(2).injections.at("n3")->net_connect().flows().senders().container() == "3f2a");
}

TEST_CASE("resolve: the leader is asked for when the fault starts", "[unit][controller]") {
  const auto file = read("[[fault]]\nkind = \"process.kill\"\non = \"leader\"\nfor = \"2s\"\n");
  const auto timeline = planned(file);
  REQUIRE(controller::needs_roles(file.experiment(), timeline.planned[0]));
  CHECK(timeline.planned[0].victims.empty());
  const auto resolve = [&](const std::string& leader) {
    return controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {.leader = leader}, addresses(),
                               "node");
  };
  REQUIRE(resolve("n4").has_value());
  CHECK(resolve("n4")->victims == std::vector<std::string>{"n4"});
  CHECK_FALSE(resolve("").has_value());
}

TEST_CASE("resolve: loss acts on what the victims receive unless it says otherwise", "[unit][controller]") {
  const auto file = read("[[fault]]\nkind = \"net.loss\"\nloss = \"20%\"\non = \"n1\"\nto = \"n2\"\nfor = \"2s\"\n");
  const auto timeline = planned(file);
  const auto resolved =
      controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {}, addresses(), "node");
  REQUIRE(resolved.has_value());
  const model::Injection& injection = *resolved->injections.at("n1");
  CHECK(injection.net_loss().loss() == Approx(0.2));
  CHECK(texts(injection.scope().from()) == std::vector<std::string>{"10.0.0.2/32", "fd00::2/128"});
  CHECK(injection.scope().to().empty());
}

TEST_CASE("resolve: a direction says at which side of the victim a fault acts", "[unit][controller]") {
  const std::vector<std::string> peer = {"10.0.0.2/32", "fd00::2/128"};
  for (const std::string kind : {"\"net.delay\"\ndelay = \"5ms\"", "\"net.reorder\"\nreorder = \"5%\"",
                                 "\"net.bandwidth\"\nrate = \"1MB\"", "\"net.corrupt\"\ncorrupt = \"5%\""}) {
    for (const std::string direction : {"", "in", "out", "both"}) {
      CAPTURE(kind, direction);
      const auto file = read("[[fault]]\nkind = " + kind + "\non = \"n1\"\nto = \"n2\"\n" +
                             (direction.empty() ? "" : "direction = \"" + direction + "\"\n"));
      const auto timeline = planned(file);
      const auto resolved =
          controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {}, addresses(), "node");
      REQUIRE(resolved.has_value());
      const model::Scope& scope = resolved->injections.at("n1")->scope();
      CHECK((texts(scope.from()) == peer) == (direction == "in" || direction == "both"));
      CHECK((texts(scope.to()) == peer) == (direction != "in"));
    }
  }
}

TEST_CASE("resolve: addresses that a fault names take the place of its peers'", "[unit][controller]") {
  const std::vector<std::string> outside = {"10.20.0.0/16", "fd00::66"};
  const std::string keys = "prefixes = [\"10.20.0.0/16\", \"fd00::66\"]\n";
  const auto scope_of = [&](const std::string& fault, const std::string& said) {
    const auto file = read("[[fault]]\n" + fault + keys);
    const auto timeline = planned(file);
    const auto resolved =
        controller::resolve(file.experiment(), timeline.planned[0], timeline.hosts, {}, addresses(), "node");
    REQUIRE(resolved.has_value());
    CHECK(resolved->description.starts_with(said + " to 10.20.0.0/16,fd00::66"));
    CHECK(controller::links_of(*resolved, addresses()).empty());
    REQUIRE(resolved->victims == std::vector<std::string>{"n1"});
    return resolved->injections.at("n1")->scope();
  };
  const auto lossy = scope_of("kind = \"net.loss\"\nloss = \"20%\"\non = \"n1\"\n", "20% loss on n1");
  CHECK(texts(lossy.from()) == outside);
  CHECK(lossy.to().empty());
  const auto reset = scope_of("kind = \"net.reset\"\non = \"n1\"\n", "reset connections of n1");
  CHECK(texts(reset.to()) == outside);
  const auto dns = scope_of("kind = \"net.dns\"\nnames = [\"*\"]\non = \"n1\"\n", "no such name for * on n1");
  CHECK(texts(dns.to()) == outside);
  const std::string cut = "kind = \"net.partition\"\non = \"n1\"\nshape = ";
  const auto both = scope_of(cut + "\"isolate\"\n", "cut off n1");
  CHECK(texts(both.from()) == outside);
  CHECK(texts(both.to()) == outside);
  const auto one_way = scope_of(cut + "\"one-way\"\n", "cut off n1");
  CHECK(one_way.from().empty());
  CHECK(texts(one_way.to()) == outside);
  const auto own = scope_of(cut + "\"isolate\"\ntarget_only = true\n", "cut off n1");
  CHECK(own.from().empty());
  CHECK(texts(own.services()) == std::vector<std::string>{"node"});
}

TEST_CASE("plan: a ramp becomes windows side by side, with the same victims and other values", "[unit][controller]") {
  const auto file = read(
      "[[fault]]\nkind = \"net.delay\"\non = \"one\"\ndelay = \"100ms\"\nat = \"1s\"\nfor = \"10s\"\n"
      "ramp = { key = \"delay\", from = \"20ms\", steps = 5 }\n");
  const auto timeline = planned(file);
  REQUIRE(timeline.planned.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& step = timeline.planned[i];
    CHECK(step.id == fmt::format("net.delay#1.{}", i + 1));
    CHECK(step.start == 1s + 2s * i);
    CHECK(step.length == 2s);
    CHECK(step.victims == timeline.planned[0].victims);
    CHECK(step.description == fmt::format("+{}ms on {}", 20 * (i + 1), step.victims.front()));
  }
  const auto third =
      controller::resolve(file.experiment(), timeline.planned[2], timeline.hosts, {}, addresses(), "node");
  REQUIRE(third.has_value());
  CHECK(third->injections.begin()->second->net_delay().delay().nanos() == 60'000'000);
}

TEST_CASE("plan: a pulse becomes windows with gaps, the last one cut at the fault's end", "[unit][controller]") {
  const auto timeline =
      planned(read("[[fault]]\nkind = \"net.loss\"\nloss = \"5%\"\nat = \"2s\"\nfor = \"5s\"\n"
                   "pulse = { on = \"1s\", off = \"500ms\" }\n"));
  REQUIRE(timeline.planned.size() == 4);
  CHECK(timeline.planned[1].start == 3500ms);
  CHECK(timeline.planned[1].length == 1s);
  CHECK(timeline.planned[3].start == 6500ms);
  CHECK(timeline.planned[3].length == 500ms);
}

TEST_CASE("plan: a fault that waits has its bound and its delay, and so has each piece of it", "[unit][controller]") {
  const auto timeline = planned(
      read("[[fault]]\nkind = \"net.loss\"\nloss = \"5%\"\nat = \"2s\"\nfor = \"4s\"\n"
           "pulse = { on = \"1s\", off = \"1s\" }\nwhen = { event = \"leader-elected\", delay = \"500ms\" }\n"));
  REQUIRE(timeline.planned.size() == 2);
  for (const auto& piece : timeline.planned) {
    CHECK(piece.start == 2s);
    REQUIRE(piece.awaited.has_value());
    CHECK(piece.awaited->within == 13500ms);
  }
  CHECK(timeline.planned[0].awaited_text() == "500ms after leader-elected");
  CHECK(timeline.planned[1].awaited->delay == 2500ms);
}

TEST_CASE("resolve: the old leader and the most lagging node are asked for when the fault starts",
          "[unit][controller]") {
  const auto file =
      read("[[fault]]\nkind = \"net.loss\"\nloss = \"5%\"\non = \"old-leader\"\nto = \"most-lagging\"\nfor = \"2s\"\n");
  const auto timeline = planned(file);
  const auto& fault = timeline.planned[0];
  REQUIRE(controller::needs_roles(file.experiment(), fault));
  const controller::Roles some{.leader = "n1", .old_leader = "n2"};
  CHECK_FALSE(controller::roles_known(file.experiment(), fault, some));
  const controller::Roles all{.leader = "n1", .old_leader = "n2", .most_lagging = "n5"};
  CHECK(controller::roles_known(file.experiment(), fault, all));
  const auto resolved = controller::resolve(file.experiment(), fault, timeline.hosts, all, addresses(), "node");
  REQUIRE(resolved.has_value());
  CHECK(resolved->description == "5% loss on n2 to n5");
  const auto nobody = controller::resolve(file.experiment(), fault, timeline.hosts, some, addresses(), "node");
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().message == "no node has said how far it is");
}
