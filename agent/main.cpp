// fracas-agent: the part of fracas that runs as root on every host.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "agent/doctor.h"
#include "agent/doctor_text.h"
#include "agent/guardian.h"
#include "agent/heal.h"
#include "agent/policy_file.h"
#include "agent/serve.h"
#include "lib/base/log.h"

namespace {

using namespace fracas;

// Exit codes of the project: docs/architecture. 5 = could not run, 6 = bad input, 7 = cleanup failed.
constexpr int kCouldNotRun = 5;
constexpr int kBadInput = 6;
constexpr int kCleanupFailed = 7;

int finish(const Status& status) {
  if (status) return 0;
  std::fprintf(stderr, "fracas-agent: %s\n", status.error().message.c_str());
  return kCouldNotRun;
}

int serve_agent(agent::ServeOptions options) {
  auto policy = agent::load_policy(options.policy);
  if (!policy) {
    std::fprintf(stderr, "%s\n", policy.error().message.c_str());
    return kBadInput;
  }
  options.agent.policy = std::move(*policy);
  return finish(agent::serve(std::move(options)));
}

int print_heal(const agent::HealOutcome& outcome) {
  for (const std::string& line : outcome.reverted) std::printf("reverted %s\n", line.c_str());
  for (const std::string& line : outcome.leftovers) std::printf("left %s\n", line.c_str());
  if (!outcome.leftovers.empty()) return kCleanupFailed;
  std::printf("clean\n");
  return 0;
}

int print_doctor(bool json) {
  const auto faults = agent::examine();
  std::fputs((json ? agent::doctor_json(faults) : agent::doctor_table(faults)).c_str(), stdout);
  return 0;
}

void add_serve(CLI::App& command, agent::ServeOptions& options) {
  command.add_option("--name", options.agent.name, "the host's name")->required();
  command.add_option("--listen", options.listen, "unix:PATH or HOST:PORT")->required();
  command.add_option("--state", options.agent.state, "folder for ledger and lease")->required();
  command.add_option("--cert", options.certificate, "own certificate, PEM")->required();
  command.add_option("--key", options.key, "own key, PEM")->required();
  command.add_option("--ca", options.ca, "the authority that controllers' certificates come from, PEM")->required();
  command.add_option("--revoked", options.revoked,
                     "the authority's list of revoked certificates, PEM; newer ones are kept here");
  command.add_option("--metrics", options.metrics, "HOST:PORT that answers Prometheus; default: nobody does");
  command.add_flag("--commands", options.commands,
                   "controllers may start programs here as root; always so on a Unix socket");
  command.add_option("--cgroup", options.agent.cgroup,
                     "cgroup for the services, below the cgroup2 mount; without: none");
  command.add_option("--interface", options.agent.interfaces, "interface that network faults act on; default: all")
      ->take_all()
      ->expected(1);
  command.add_option("--policy", options.policy, "what this host's owner forbids; default: /etc/fracas/policy.toml");
  command.add_option("--exit-with", options.agent.exit_with,
                     "controller's process id: leave when it is gone and the lease is over");
  command.add_option("--ready-fd", options.ready_fd, "descriptor that 'ready' is written to instead of stdout");
}

void add_guardian(CLI::App& command, agent::GuardianOptions& options) {
  command.group("");  // Started by an agent only; not in the help.
  command.add_option("--state", options.state)->required();
  command.add_option("--agent", options.agent)->required();
  command.add_option("--socket", options.socket)->required();
  command.add_option("--cgroup", options.cgroup);
  command.add_option("--exit-with", options.exit_with);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Injects faults on this host, as a fracas controller asks.", "fracas-agent");
  app.require_subcommand(1);
  agent::ServeOptions serve;
  agent::GuardianOptions guardian;
  std::filesystem::path state;
  CLI::App* serve_command = app.add_subcommand("serve", "run the agent");
  add_serve(*serve_command, serve);
  CLI::App* heal_command = app.add_subcommand("heal", "undo everything an agent left behind");
  heal_command->add_option("--state", state, "the agent's folder")->required();
  CLI::App* doctor_command = app.add_subcommand("doctor", "show which faults work on this host, and how");
  std::string doctor_format = "text";
  doctor_command->add_option("--format", doctor_format, "text or json")->check(CLI::IsMember({"text", "json"}));
  CLI::App* guardian_command = app.add_subcommand("guardian", "watch over an agent");
  add_guardian(*guardian_command, guardian);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& wrong) {
    std::fprintf(stderr, "fracas-agent: %s\n", wrong.what());
    return kBadInput;
  }
  log::start(guardian_command->parsed() ? "fracas-guardian" : "fracas-agent " + serve.agent.name, log::Level::info);
  if (heal_command->parsed()) return print_heal(agent::heal(agent::StateDir(state)));
  if (doctor_command->parsed()) return print_doctor(doctor_format == "json");
  if (guardian_command->parsed()) return finish(agent::run_guardian(guardian));
  return serve_agent(std::move(serve));
}
