#include "agent/state_dir.h"

#include <nlohmann/json.hpp>

#include "agent/ledger.h"
#include "lib/os/file.h"

namespace fracas::agent {
namespace {

using nlohmann::json;

constexpr const char* kAgentFile = "agent.json";
constexpr const char* kGuardianFile = "guardian.json";

std::optional<AgentIdentity> read_identity(const std::filesystem::path& path) {
  const auto text = os::read_file(path);
  if (!text) return std::nullopt;
  const json value = json::parse(*text, nullptr, false);
  if (!value.is_object() || !value.contains("pid") || !value.contains("start_ticks")) return std::nullopt;
  if (!value["pid"].is_number_integer() || !value["start_ticks"].is_number_unsigned()) return std::nullopt;
  AgentIdentity identity;
  identity.process = {.pid = value["pid"].get<pid_t>(), .start_ticks = value["start_ticks"].get<std::uint64_t>()};
  if (value.contains("cgroup") && value["cgroup"].is_string()) identity.cgroup = value["cgroup"].get<std::string>();
  return identity;
}

}  // namespace

Status StateDir::write_agent(const AgentIdentity& agent) const {
  const json value = {{"pid", agent.process.pid}, {"start_ticks", agent.process.start_ticks}, {"cgroup", agent.cgroup}};
  return os::write_file_durably(root_ / kAgentFile, value.dump() + "\n");
}

std::optional<AgentIdentity> StateDir::agent() const {
  return read_identity(root_ / kAgentFile);
}

Status StateDir::write_guardian(const os::ProcessIdentity& guardian) const {
  const json value = {{"pid", guardian.pid}, {"start_ticks", guardian.start_ticks}};
  return os::write_file_durably(root_ / kGuardianFile, value.dump() + "\n");
}

std::optional<os::ProcessIdentity> StateDir::guardian() const {
  const auto identity = read_identity(root_ / kGuardianFile);
  if (!identity) return std::nullopt;
  return identity->process;
}

Status StateDir::forget() const {
  for (const auto& file : {root_ / kAgentFile, root_ / kGuardianFile, lease(), fingerprint()})
    if (auto removed = os::remove_durably(file); !removed) return removed;
  for (const auto& folder : {root_, ledger()})
    if (auto removed = os::remove_unfinished(folder); !removed) return removed;
  auto records = Ledger::open(ledger());
  return records ? records->remove_stray_locks() : Status(failure(std::move(records).error()));
}

}  // namespace fracas::agent
