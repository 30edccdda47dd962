#include "controller/world/lab_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace fracas::controller {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
constexpr std::string_view kProgramVersion = "0.1.0";

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text(const json& object, const char* name) {
  const json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::uint64_t number(const json& object, const char* name) {
  const json* value = member(object, name);
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

// Inside `folder`, and by a plain name: no "..", nothing absolute.
bool directly_inside(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder) || path.size() <= folder.size() + 1 || path[folder.size()] != '/') return false;
  const std::string_view rest = path.substr(folder.size() + 1);
  return rest.find('/') == std::string_view::npos && rest != "." && rest != "..";
}

Result<LabRecordHost> parse_host(const json& value, const LabRecord& lab) {
  LabRecordHost host{.name = text(value, "name"),
                     .cgroup = text(value, "cgroup"),
                     .agent_cgroup = text(value, "agent_cgroup"),
                     .agent_state = text(value, "agent_state")};
  const std::string home = (lab.directory / host.name).string();
  if (host.name.empty() || !directly_inside(home, lab.directory.string()))
    return failure("a host without a proper name");
  if (!directly_inside(host.cgroup, lab.cgroup)) return failure("host " + host.name + ": cgroup outside of the lab's");
  if (!directly_inside(host.agent_cgroup, lab.cgroup))
    return failure("host " + host.name + ": agent cgroup outside of the lab's");
  if (!directly_inside(host.agent_state.string(), home))
    return failure("host " + host.name + ": agent state outside of its folder");
  return host;
}

}  // namespace

LabRecord record_of(const LabPlan& plan, const os::ProcessIdentity& owner) {
  LabRecord record{.id = plan.id,
                   .program_version = std::string(kProgramVersion),
                   .owner = owner,
                   .cgroup = plan.cgroup,
                   .directory = plan.directory,
                   .hosts = {}};
  for (const LabHostPlan& host : plan.hosts)
    record.hosts.push_back(
        {.name = host.name, .cgroup = host.cgroup, .agent_cgroup = host.agent_cgroup, .agent_state = host.agent_state});
  return record;
}

std::string to_json(const LabRecord& record) {
  json hosts = json::array();
  for (const LabRecordHost& host : record.hosts)
    hosts.push_back({{"name", host.name},
                     {"cgroup", host.cgroup},
                     {"agent_cgroup", host.agent_cgroup},
                     {"agent_state", host.agent_state.string()}});
  const json whole = {
      {"version", kFormatVersion},
      {"program_version", record.program_version},
      {"id", record.id},
      {"owner", {{"pid", static_cast<std::uint64_t>(record.owner.pid)}, {"start_ticks", record.owner.start_ticks}}},
      {"cgroup", record.cgroup},
      {"directory", record.directory.string()},
      {"hosts", std::move(hosts)}};
  return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<LabRecord> parse_lab_record(std::string_view text_json, std::string_view id,
                                   const std::filesystem::path& state) {
  const json whole = json::parse(text_json, nullptr, false);
  if (whole.is_discarded() || !whole.is_object()) return failure("not a whole JSON object");
  if (number(whole, "version") != kFormatVersion)
    return failure(fmt::format("not of format version {}", kFormatVersion));
  if (text(whole, "id") != id) return failure("the record of another lab");
  const auto expected = plan_lab({.nodes = 1, .spares = 0}, id, state);
  if (!expected) return failure(expected.error());
  LabRecord record{.id = std::string(id),
                   .program_version = text(whole, "program_version"),
                   .owner = {},
                   .cgroup = text(whole, "cgroup"),
                   .directory = text(whole, "directory"),
                   .hosts = {}};
  if (record.cgroup != expected->cgroup || record.directory != expected->directory)
    return failure("names a cgroup or folder that is not this lab's");
  const json* owner = member(whole, "owner");
  const json* hosts = member(whole, "hosts");
  if (owner == nullptr || hosts == nullptr || !hosts->is_array()) return failure("owner or hosts are missing");
  record.owner = {.pid = static_cast<pid_t>(number(*owner, "pid")), .start_ticks = number(*owner, "start_ticks")};
  if (record.owner.pid <= 0) return failure("the owner has no pid");
  for (const json& value : *hosts) {
    auto host = parse_host(value, record);
    if (!host) return failure(std::move(host).error());
    record.hosts.push_back(*std::move(host));
  }
  return record;
}

std::filesystem::path lab_record_path(const std::filesystem::path& lab_directory) {
  return lab_directory / "lab.json";
}

}  // namespace fracas::controller
