#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "controller/cli/commands.h"
#include "controller/report/run_record.h"
#include "controller/world/lab_heal.h"
#include "lib/os/file.h"
#include "lib/os/process.h"

namespace fracas::controller {
namespace {

// Runs the agent's program with our output, and returns its exit code.
int run_agent(std::vector<std::string> words) {
  words.insert(words.begin(), (os::own_folder() / "fracas-agent").string());
  os::LaunchOptions options;
  options.argv = std::move(words);
  options.new_session = false;
  auto agent = os::Process::launch(options);
  if (!agent) {
    fmt::print(stderr, "fracas: {}\n", agent.error().message);
    return static_cast<int>(Outcome::could_not_run);
  }
  const auto ended = agent->wait_for(std::chrono::minutes(2));
  if (!ended || ended->signal != 0) {
    fmt::print(stderr, "fracas: fracas-agent did not end in order\n");
    return static_cast<int>(Outcome::could_not_run);
  }
  return ended->code;
}

}  // namespace

int heal_command(const HealCommand& command) {
  if (::geteuid() != 0) {
    fmt::print(stderr, "fracas heal: needs root\n");
    return static_cast<int>(Outcome::could_not_run);
  }
  LabHealOptions options;
  options.all = command.all;
  const LabHealing healing = heal_labs(options);
  for (const std::string& line : healing.removed) fmt::print("removed {}\n", line);
  for (const std::string& line : healing.remaining) fmt::print("REMAINS {}\n", line);
  if (!healing.remaining.empty()) return static_cast<int>(Outcome::cleanup_failed);
  fmt::print("{}\n", healing.removed.empty() ? "clean: there was nothing to heal" : "clean");
  return 0;
}

int doctor_command(const DoctorCommand& command) {
  if (!command.hosts.empty() || !command.inventory.empty()) return fleet_doctor_command(command);
  std::vector<std::string> words{"doctor"};
  if (command.json) words.insert(words.end(), {"--format", "json"});
  return run_agent(std::move(words));
}

}  // namespace fracas::controller
