// Five real agents act as one: a fault starts and ends on all hosts at the same moments, whether they live to see it or
// not.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "controller/world/agent_client.h"
#include "controller/world/lab.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"
#include "tests/catch/catch.h"
#include "tests/e2e/chatter.h"
#include "tests/e2e/program.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas;
using namespace fracas::test;
using namespace std::chrono_literals;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kTogether_ns = 5 * kMs;
constexpr Duration kLease = 5s;

struct Hosts {
  std::unique_ptr<controller::Lab> lab;
  std::unique_ptr<Chatter> chatter;
  std::vector<pid_t> agents;
};

Hosts make_hosts(const Scratch& scratch) {
  controller::LabOptions options;
  options.run_directory = scratch.path() / "run";
  options.agent_program = fracas::tests::bin_dir() + "/fracas-agent";
  auto lab = controller::Lab::create(options);
  INFO((lab ? "" : lab.error().message));
  REQUIRE(lab.has_value());
  Hosts hosts{.lab = std::move(*lab), .chatter = nullptr, .agents = {}};
  std::vector<Chatter::Member> members;
  for (const controller::Host& host : hosts.lab->hosts()) {
    const auto agents = find_processes(
        {"fracas-agent", "serve", fmt::format("--name{}{}", '\0', host.name), "labs/" + hosts.lab->id() + "/"});
    REQUIRE(agents.size() == 1);
    hosts.agents.push_back(agents[0]);
    auto netns = os::NetNamespace::of_process(agents[0]);
    REQUIRE(netns.has_value());
    members.push_back({std::move(*netns), host.ipv4});
  }
  hosts.chatter = std::make_unique<Chatter>(std::move(members));
  return hosts;
}

model::Injection partition() {
  model::Injection fault;
  fault.mutable_net_partition();
  return fault;
}
model::Injection loss(double share) {
  model::Injection fault;
  fault.mutable_net_loss()->set_loss(share);
  return fault;
}

// Everybody drops what comes from everybody else, in [start, start + length).
controller::ArmWindow cut_all(controller::Lab& lab, model::Injection fault, std::int64_t length_ns) {
  for (const controller::Host& host : lab.hosts()) {
    fault.clear_scope();
    for (const controller::Host& other : lab.hosts())
      if (other.name != host.name) fault.mutable_scope()->add_from(other.ipv4 + "/32");
    const auto prepared = lab.agent(host.name).prepare("cut", fault, kLease);
    INFO((prepared ? "" : prepared.error().message));
    REQUIRE(prepared.has_value());
  }
  const std::int64_t start_ns = os::boot_now_ns() + 300 * kMs;
  const controller::ArmWindow window{.start_boot_ns = start_ns, .end_boot_ns = start_ns + length_ns};
  for (const controller::Host& host : lab.hosts()) REQUIRE(lab.agent(host.name).arm("cut", window));
  return window;
}

// How far apart the hosts' first drops are, by the data planes' own clocks.
std::int64_t start_spread_ns(controller::Lab& lab, const controller::ArmWindow& window) {
  std::int64_t first_ns = INT64_MAX;
  std::int64_t last_ns = 0;
  for (const controller::Host& host : lab.hosts()) {
    const auto counters = lab.agent(host.name).revert("cut");
    REQUIRE(counters.has_value());
    CHECK(counters->counters.affected > 0);
    CHECK(counters->counters.first_ns >= window.start_boot_ns);
    CHECK(counters->counters.last_ns < window.end_boot_ns);
    first_ns = std::min(first_ns, counters->counters.first_ns);
    last_ns = std::max(last_ns, counters->counters.first_ns);
  }
  return last_ns - first_ns;
}

}  // namespace

TEST_CASE("together: partition and loss start on five hosts within 5 ms of each other", "[e2e]") {
  const Scratch scratch;
  Hosts hosts = make_hosts(scratch);
  for (const model::Injection& fault : {partition(), loss(0.9)}) {
    // The traffic of a busy machine may itself pause for longer than that: then the measurement is repeated.
    std::int64_t spread_ns = INT64_MAX;
    for (int attempt = 0; attempt < 4 && spread_ns > kTogether_ns; ++attempt) {
      const auto window = cut_all(*hosts.lab, fault, 300 * kMs);
      os::sleep_until_boot_ns(window.end_boot_ns + 100 * kMs);
      spread_ns = start_spread_ns(*hosts.lab, window);
      if (!fault.has_net_partition()) continue;
      CHECK(hosts.chatter->arrived_of(window.start_boot_ns + kMs, window.end_boot_ns - kMs) == 0);
      CHECK(hosts.chatter->arrived_of(window.start_boot_ns - 100 * kMs, window.start_boot_ns - kMs) > 100);
      CHECK(hosts.chatter->arrived_of(window.end_boot_ns, window.end_boot_ns + 90 * kMs) > 100);
    }
    CHECK(spread_ns <= kTogether_ns);
  }
}

TEST_CASE("together: a partition goes on to its window's end with all agents killed, and ends there", "[e2e]") {
  const Scratch scratch;
  Hosts hosts = make_hosts(scratch);
  const auto window = cut_all(*hosts.lab, partition(), 1500 * kMs);
  os::sleep_until_boot_ns(window.start_boot_ns + 300 * kMs);
  for (const pid_t agent : hosts.agents) REQUIRE(::kill(agent, SIGKILL) == 0);
  os::sleep_until_boot_ns(window.end_boot_ns + 400 * kMs);
  CHECK(hosts.chatter->arrived_of(window.start_boot_ns + kMs, window.end_boot_ns - kMs) == 0);
  CHECK(hosts.chatter->arrived_of(window.end_boot_ns + kMs, window.end_boot_ns + 300 * kMs) > 100);
  hosts.chatter.reset();
  CHECK(hosts.lab->tear_down() == std::vector<std::string>{});
}
