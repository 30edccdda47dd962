// The controller of one round of the crash test: a program of its own, so that it can be killed.
//   crash-controller FOLDER SEED
// Waits for the file FOLDER/go, then injects the faults of the seed's plan and keeps their lease. Tells on stdout, one
// line each, what became of them.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "controller/world/agent_client.h"
#include "lib/model/agent.pb.h"
#include "lib/os/clock.h"
#include "tests/crash/round/place.h"
#include "tests/crash/round/plan.h"

namespace {

using namespace fracas;
using namespace std::chrono_literals;

void say(const crash::PlannedFault& fault, const std::string& what) {
  std::printf("%s %s %s\n", fault.id.c_str(), fault.kind.c_str(), what.c_str());
  std::fflush(stdout);
}

void keep_lease(const std::stop_token& stopping, controller::AgentClient& agent) {
  while (!stopping.stop_requested()) {
    static_cast<void>(agent.renew(crash::kLease));
    os::sleep_until_boot_ns(os::boot_now_ns() + Duration(crash::kLease).count() / 4);
  }
}

void inject(controller::AgentClient& agent, const crash::Plan& plan) {
  for (const crash::PlannedFault& fault : plan.faults) {
    const auto mechanism = agent.prepare(fault.id, *fault.injection, crash::kLease);
    say(fault, mechanism ? "prepared " + *mechanism : "refused " + mechanism.error().message);
  }
  const std::int64_t begin = os::boot_now_ns();
  for (const crash::PlannedFault& fault : plan.faults) {
    const std::int64_t start = begin + fault.start.count();
    if (agent.arm(fault.id, {.start_boot_ns = start, .end_boot_ns = start + fault.length.count()})) say(fault, "armed");
  }
  for (const crash::PlannedFault& fault : plan.faults) {
    os::sleep_until_boot_ns(begin + (fault.start + fault.length).count());
    if (!fault.revert) continue;
    if (const auto report = agent.revert(fault.id); report && report->counters.affected > 0) say(fault, "effective");
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 6;
  const std::filesystem::path folder = arguments[1];
  const auto plan = crash::draw_plan(std::strtoull(arguments[2], nullptr, 10));
  const auto credentials = crash::read_credentials(folder);
  if (!plan || !credentials) return 5;
  while (!std::filesystem::exists(folder / "go")) os::sleep_until_boot_ns(os::boot_now_ns() + 1'000'000);
  controller::AgentClient agent({.name = crash::kHost, .target = crash::agent_address(folder)}, *credentials);
  const std::jthread keeper([&agent](const std::stop_token& stopping) { keep_lease(stopping, agent); });
  inject(agent, *plan);
  return 0;
}
