#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "controller/cli/commands.h"
#include "controller/cli/fleet_choice.h"
#include "controller/pki/pki_folder.h"
#include "controller/report/run_record.h"
#include "controller/world/agent_client.h"
#include "controller/world/at_once.h"
#include "lib/base/text.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

int refuse(const Error& error) {
  fmt::print(stderr, "fracas pki: {}\n", error.message);
  return static_cast<int>(error.code == EINVAL ? Outcome::bad_input : Outcome::could_not_run);
}

seconds lifetime_of(const PkiCommand& command) {
  return command.lifetime ? duration_cast<seconds>(*command.lifetime) : seconds(kCertificateLifetime);
}

int init(const PkiCommand& command, const std::filesystem::path& folder) {
  if (auto made = PkiFolder::init(folder, command.name); !made) return refuse(made.error());
  fmt::print("{}: an authority for {} days, and controller.pem for {} days; keep ca.key where nobody else gets at it\n",
             folder.string(), kAuthorityLifetime.count() / 24, kCertificateLifetime.count() / 24);
  return 0;
}

int issue(const PkiCommand& command, PkiFolder& folder) {
  const auto role = command.controller ? CertificateRequest::Role::controller : CertificateRequest::Role::agent;
  for (const std::string& name : command.names) {
    const auto path = folder.issue({.name = name, .role = role, .lifetime = lifetime_of(command)});
    if (!path) return refuse(path.error());
    fmt::print("{}\n", path->string());
  }
  return 0;
}

int rotate(const PkiCommand& command, PkiFolder& folder) {
  const seconds within = command.within ? duration_cast<seconds>(*command.within) : std::chrono::hours(24 * 30);
  const auto rotated = folder.rotate(command.names, within, lifetime_of(command));
  if (!rotated) return refuse(rotated.error());
  for (const std::string& name : *rotated) fmt::print("{}\n", name);
  if (rotated->empty()) fmt::print("nothing expires within {}\n", describe_duration(within));
  return 0;
}

std::string state_of(const IssuedCertificate& each) {
  return each.revoked ? "revoked" : each.current ? "holds" : "replaced, holds";
}

int list(const PkiCommand& command, PkiFolder& folder) {
  const auto all = folder.list();
  if (!all) return refuse(all.error());
  auto document = nlohmann::ordered_json::array();
  for (const IssuedCertificate& each : *all) {
    document.push_back({{"name", each.facts.name},
                        {"role", each.controller ? "controller" : "agent"},
                        {"serial", each.facts.serial},
                        {"valid_to", pki::format_day(each.facts.valid_to_s)},
                        {"revoked", each.revoked},
                        {"current", each.current}});
    if (!command.json)
      fmt::print("{:<32} {:<11} {:<16} until {}  {}\n", each.facts.name, each.controller ? "controller" : "agent",
                 state_of(each), pki::format_day(each.facts.valid_to_s), each.facts.serial);
  }
  if (command.json) fmt::print("{}\n", document.dump(2));
  return 0;
}

// Tells the agents of the inventory, so that they refuse at once.
int push_revocations(const PkiCommand& command, const PkiFolder& folder) {
  auto chosen = choose_agents({.inventory = command.inventory, .credentials = command.folder, .hosts = {}});
  if (!chosen) return refuse(chosen.error());
  const auto text = os::read_file(folder.revoked_file());
  if (!text) return refuse(text.error());
  std::vector<AgentClient>& agents = chosen->agents();
  std::vector<std::string> wrong(agents.size());
  at_once(agents.size(), [&](std::size_t i) {
    if (auto told = agents[i].revoke(*text); !told) wrong[i] = told.error().message;
  });
  std::erase(wrong, std::string());
  for (const std::string& line : wrong) fmt::print(stderr, "fracas pki: not told: {}\n", line);
  fmt::print("{} of {} agents know it\n", agents.size() - wrong.size(), agents.size());
  return wrong.empty() ? 0 : static_cast<int>(Outcome::could_not_run);
}

int revoke(const PkiCommand& command, PkiFolder& folder) {
  for (const std::string& name : command.names) {
    const auto count = folder.revoke(name);
    if (!count) return refuse(count.error());
    fmt::print("{}: {} revoked\n", name, counted(*count, "certificate"));
  }
  if (!command.inventory.empty()) return push_revocations(command, folder);
  fmt::print("agents refuse it once they have {}: --inventory tells them\n", folder.revoked_file().string());
  return 0;
}

}  // namespace

int pki_command(const PkiCommand& command) {
  const std::filesystem::path folder =
      command.folder.empty() ? PkiFolder::default_folder() : std::filesystem::path(command.folder);
  if (command.what == "init") return init(command, folder);
  auto opened = PkiFolder::open(folder);
  if (!opened) return refuse(opened.error());
  if (command.what == "issue") return issue(command, *opened);
  if (command.what == "rotate") return rotate(command, *opened);
  if (command.what == "revoke") return revoke(command, *opened);
  return list(command, *opened);
}

}  // namespace fracas::controller
