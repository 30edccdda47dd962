#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "controller/world/lab_plan.h"
#include "lib/base/result.h"
#include "lib/os/process.h"

// lab.json: written durably before anything of a lab is made, so that whatever a killed process leaves can be found.
namespace fracas::controller {

struct LabRecordHost {
  std::string name;
  std::string cgroup;
  std::string agent_cgroup;
  std::filesystem::path agent_state;

  bool operator==(const LabRecordHost&) const = default;
};

struct LabRecord {
  std::string id;
  std::string program_version;
  os::ProcessIdentity owner;
  std::string cgroup;
  std::filesystem::path directory;
  std::vector<LabRecordHost> hosts;
};

LabRecord record_of(const LabPlan& plan, const os::ProcessIdentity& owner);

std::string to_json(const LabRecord& record);
// ERRORS: not JSON, torn, of a version we do not know, or naming cgroups or folders that are not that lab's own:
// nothing outside a lab is ever removed on the word of a file.
Result<LabRecord> parse_lab_record(std::string_view json, std::string_view id, const std::filesystem::path& state);

std::filesystem::path lab_record_path(const std::filesystem::path& lab_directory);

}  // namespace fracas::controller
