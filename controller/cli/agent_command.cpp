#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "controller/cli/commands.h"
#include "controller/cli/fleet_choice.h"
#include "controller/pki/pki_folder.h"
#include "controller/report/run_record.h"
#include "controller/world/agent_client.h"
#include "controller/world/agent_install.h"
#include "controller/world/at_once.h"
#include "lib/base/text.h"

namespace fracas::controller {
namespace {

int refuse(const Error& error) {
  fmt::print(stderr, "fracas agent: {}\n", error.message);
  return static_cast<int>(error.code == EINVAL ? Outcome::bad_input : Outcome::could_not_run);
}

Result<FleetAgents> choose(const AgentCommand& command) {
  return choose_agents({.inventory = command.inventory, .credentials = command.credentials, .hosts = command.hosts});
}

// Asks all of them at once. The answers stand in their order.
template <typename T>
std::vector<Result<T>> ask(std::vector<AgentClient>& agents, const std::function<Result<T>(AgentClient&)>& question) {
  std::vector<Result<T>> answers(agents.size(), failure("not asked"));
  at_once(agents.size(), [&](std::size_t i) { answers[i] = question(agents[i]); });
  return answers;
}

// 0, or "could not run" if one of them did not answer.
template <typename T>
int exit_code_of(const std::vector<Result<T>>& answers) {
  for (const auto& answer : answers)
    if (!answer) return static_cast<int>(Outcome::could_not_run);
  return 0;
}

std::string state_of(const AgentHello& hello) {
  if (hello.drained) return "drained";
  return hello.faults == 0 ? "ready" : counted(hello.faults, "fault");
}

int list(const AgentCommand& command) {
  auto chosen = choose(command);
  if (!chosen) return refuse(chosen.error());
  auto& agents = chosen->agents();
  const auto answers = ask<AgentHello>(agents, [](AgentClient& agent) { return agent.hello(); });
  auto document = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& hello = answers[i];
    if (command.json) {
      document.push_back({{"host", agents[i].name()}});
      if (!hello) document.back()["error"] = hello.error().message;
      if (!hello) continue;
      document.back().update({{"state", state_of(*hello)},
                              {"version", hello->version},
                              {"kernel", hello->kernel},
                              {"clock_offset_ns", hello->clock_offset_ns},
                              {"revocations", hello->revocations}});
    } else if (hello) {
      fmt::print("{:<24} {:<10} {:<8} {}\n", agents[i].name(), state_of(*hello), hello->version, hello->kernel);
    } else {
      fmt::print("{:<24} {}\n", agents[i].name(), hello.error().message);
    }
  }
  if (command.json) fmt::print("{}\n", document.dump(2));
  return exit_code_of(answers);
}

int drain(const AgentCommand& command) {
  auto chosen = choose(command);
  if (!chosen) return refuse(chosen.error());
  auto& agents = chosen->agents();
  const auto answers =
      ask<std::vector<std::string>>(agents, [&](AgentClient& agent) { return agent.drain(!command.back); });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) fmt::print(stderr, "{}\n", answers[i].error().message);
    if (!answers[i]) continue;
    fmt::print("{:<24} {}", agents[i].name(), command.back ? "ready" : "drained");
    for (const std::string& id : *answers[i]) fmt::print(", ended {}", id);
    fmt::print("\n");
  }
  return exit_code_of(answers);
}

// "db1" of "root@db1.example.com".
std::string name_of(const std::string& login) {
  const std::string host = login.substr(login.find('@') + 1);
  return host.substr(0, host.find('.'));
}

int install(const AgentCommand& command) {
  if (!command.name.empty() && command.hosts.size() != 1)
    return refuse({.message = "--name is for one host", .code = EINVAL});
  const std::filesystem::path pki =
      command.credentials.empty() ? PkiFolder::default_folder() : std::filesystem::path(command.credentials);
  auto folder = PkiFolder::open(pki);
  if (!folder) return refuse(folder.error());
  std::string listed;
  for (const std::string& login : command.hosts) {
    const std::string name = command.name.empty() ? name_of(login) : command.name;
    AgentInstallation installation{.login = login,
                                   .name = name,
                                   .listen = "[::]:7600",
                                   .package = command.package,
                                   .identity = pki / (name + ".pem"),
                                   .ca = pki / "ca.crt",
                                   .revoked = folder->revoked_file()};
    const auto issued = folder->issue({.name = name, .lifetime = kCertificateLifetime});
    if (!issued) return refuse(issued.error());
    if (auto done = install_agent(installation); !done) return refuse(done.error());
    fmt::print(stderr, "{}: the agent {} serves\n", login, name);
    listed += fmt::format("[[host]]\nname = \"{}\"\naddress = \"{}:7600\"\n", name, login.substr(login.find('@') + 1));
  }
  fmt::print("{}", listed);
  return 0;
}

}  // namespace

int agent_command(const AgentCommand& command) {
  if (command.what == "install") return install(command);
  return command.what == "drain" ? drain(command) : list(command);
}

int fleet_doctor_command(const DoctorCommand& command) {
  auto chosen =
      choose_agents({.inventory = command.inventory, .credentials = command.credentials, .hosts = command.hosts});
  if (!chosen) return refuse(chosen.error());
  auto& agents = chosen->agents();
  const auto answers = ask<std::vector<FaultSupport>>(agents, [](AgentClient& agent) { return agent.doctor(); });
  auto document = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      fmt::print(stderr, "{}\n", answers[i].error().message);
      continue;
    }
    if (!command.json) fmt::print("{}\n", agents[i].name());
    auto faults = nlohmann::ordered_json::array();
    for (const FaultSupport& fault : *answers[i]) {
      faults.push_back({{"kind", fault.kind},
                        {"available", fault.available},
                        {"mechanism", fault.mechanism},
                        {"accuracy", fault.accuracy},
                        {"missing", fault.missing}});
      if (!command.json)
        fmt::print("  {:<22} {}\n", fault.kind, fault.available ? fault.mechanism : "missing: " + fault.missing);
    }
    document.push_back({{"host", agents[i].name()}, {"faults", faults}});
  }
  if (command.json) fmt::print("{}\n", document.dump(2));
  return exit_code_of(answers);
}

}  // namespace fracas::controller
