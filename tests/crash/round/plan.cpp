#include "tests/crash/round/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "controller/plan/resolve.h"
#include "lib/base/random.h"
#include "lib/model/agent.pb.h"
#include "lib/model/catalogue.h"
#include "lib/model/experiment.h"
#include "lib/model/experiment.pb.h"
#include "tests/crash/round/parameters.h"

namespace fracas::crash {
namespace {

using std::chrono::milliseconds;

constexpr const char* kAround = R"(
name = "crash"
seed = 1
duration_max = "1m"
[world]
nodes = 2
[target]
kind = "raft"
[workload]
kind = "register"
[phases]
faults = "10s"
[[check]]
kind = "raft"
)";

milliseconds draw_ms(RandomStream& random, std::uint64_t low, std::uint64_t high) {
  return milliseconds(low + random.below(high - low + 1));
}

Result<std::unique_ptr<model::Injection>> resolve_fault(const std::string& toml, const std::string& id,
                                                        const std::string& service, std::uint64_t seed) {
  const auto file = model::read_experiment_text(kAround + toml, id);
  if (!file) return failure(file.error().message);
  controller::PlannedFault planned;
  planned.id = id;
  planned.seed = seed;
  const std::map<std::string, controller::HostAddresses> addresses = {{kHost, {"10.77.0.1", "fd77::1"}},
                                                                      {kPeer, {"10.77.0.2", "fd77::2"}}};
  auto resolved =
      controller::resolve(file->experiment(), planned, {kHost, kPeer}, {.leader = kHost}, addresses, service);
  if (!resolved) return failure(std::move(resolved).error());
  auto injection = resolved->injections.find(kHost);
  if (injection == resolved->injections.end()) return failure("it does nothing on " + std::string(kHost));
  return std::move(injection->second);
}

Result<PlannedFault> draw_fault(const std::string& kind, int number, std::uint64_t seed, RandomStream& random) {
  PlannedFault fault;
  fault.kind = kind;
  fault.id = fmt::format("crash{}-{}", seed, number);
  const auto services = service_names();
  const std::string service = services[random.below(services.size())];
  fault.toml =
      fmt::format("[[fault]]\nkind = \"{}\"\non = \"{}\"\nfor = \"1s\"\n", kind, kHost) + draw_parameters(kind, random);
  auto injection = resolve_fault(fault.toml, fault.id, service, random.next());
  if (!injection) return failure(std::move(injection).error().context(fault.toml));
  fault.injection = std::move(*injection);
  fault.toml += "# service " + service + "\n";
  fault.start = draw_ms(random, 0, 200);
  fault.length = draw_ms(random, 100, 600);
  fault.revert = random.chance(0.3);
  return fault;
}

std::vector<Blow> draw_blows(RandomStream& random) {
  std::vector<Blow> blows(1 + random.below(2));
  for (Blow& blow : blows) {
    const std::uint64_t one = random.below(10);  // The agent is the heart of it.
    blow.target = one < 5 ? Target::agent : one < 8 ? Target::guardian : Target::controller;
    blow.at = draw_ms(random, 0, 1000);
  }
  // Often the second follows the first at once, before anybody has noticed.
  if (blows.size() == 2 && random.chance(0.4)) blows[1].at = blows[0].at + draw_ms(random, 0, 40);
  std::sort(blows.begin(), blows.end(), [](const Blow& a, const Blow& b) { return a.at < b.at; });
  return blows;
}

}  // namespace

PlannedFault::PlannedFault() = default;
PlannedFault::PlannedFault(PlannedFault&&) noexcept = default;
PlannedFault::~PlannedFault() = default;

std::vector<std::string> service_names() {
  return {"one", "two"};
}

const char* name_of(Target target) {
  return target == Target::agent ? "agent" : target == Target::guardian ? "guardian" : "controller";
}

Result<Plan> draw_plan(std::uint64_t seed) {
  const auto kinds = model::kinds(model::Section::fault);
  RandomStream random(seed, "crash round");
  Plan plan;
  plan.seed = seed;
  const std::uint64_t count = 3 + random.below(4);
  for (std::uint64_t number = 0; number < count; ++number) {
    auto fault = draw_fault(kinds[random.below(kinds.size())].kind, static_cast<int>(number), seed, random);
    if (!fault) return failure(std::move(fault).error());
    plan.faults.push_back(std::move(*fault));
  }
  plan.blows = draw_blows(random);
  plan.exit_with = random.chance(0.2);
  plan.patient = random.chance(0.6);
  plan.restart_after = draw_ms(random, 0, 700);
  plan.heal = random.chance(0.3);
  if (random.chance(0.25)) plan.kill_next = draw_ms(random, 0, 150);
  return plan;
}

std::string describe(const Plan& plan) {
  std::string text = fmt::format("round with seed {}\n", plan.seed);
  for (const PlannedFault& fault : plan.faults)
    text += fmt::format("{}# {} at {} for {}{}\n", fault.toml, fault.id, describe_duration(fault.start),
                        describe_duration(fault.length), fault.revert ? ", then reverted" : "");
  for (const Blow& blow : plan.blows)
    text += fmt::format("SIGKILL of the {} at {}\n", name_of(blow.target), describe_duration(blow.at));
  text += plan.exit_with ? "the agent leaves with its controller\n" : "";
  text += plan.patient ? "after the guardian: " : fmt::format("{} later: ", describe_duration(plan.restart_after));
  text += plan.heal ? "heal\n" : "a new agent\n";
  if (plan.kill_next) text += fmt::format("which is killed {} after its launch\n", describe_duration(*plan.kill_next));
  return text;
}

}  // namespace fracas::crash
