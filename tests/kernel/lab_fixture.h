#pragma once
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/world/lab.h"
#include "controller/world/lab_cgroup.h"
#include "tests/catch/catch.h"
#include "tests/tree/tree.h"

// Ends the test case, as skipped, where no lab can be made.
#define FRACAS_NEEDS_LAB()                             \
  if (::geteuid() != 0) FRACAS_SKIP("labs need root"); \
  if (!std::filesystem::exists(fracas::tests::agent_program())) FRACAS_SKIP("no fracas-agent is built")

namespace fracas::tests {

inline std::filesystem::path agent_program() {
  return std::filesystem::path(fracas::tests::bin_dir()) / "fracas-agent";
}

// A state folder and a run directory of the test's own, removed at its end.
class LabFolder {
 public:
  LabFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fracas-lab-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  LabFolder(const LabFolder&) = delete;
  LabFolder& operator=(const LabFolder&) = delete;
  ~LabFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path state() const { return path_ / "state"; }
  std::filesystem::path run_directory() const { return path_ / "run"; }

  controller::LabOptions options(unsigned nodes, unsigned spares = 0) const {
    return {.nodes = nodes,
            .spares = spares,
            .run_directory = run_directory(),
            .state = state(),
            .agent_program = agent_program()};
  }

  // What is recorded: folders of labs and their locks.
  std::vector<std::string> records() const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(state() / "labs", none))
      names.push_back(entry.path().filename());
    return names;
  }

 private:
  std::filesystem::path path_;
};

inline bool lab_cgroup_exists(const std::string& id) {
  for (const std::string& other : controller::lab_ids_of_cgroups())
    if (other == id) return true;
  return false;
}

// Descriptors of network namespaces that this process holds.
inline std::size_t open_namespaces() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone).string().starts_with("net:[")) ++count;
  }
  return count;
}

// Children of this process, zombies included: one line each.
inline std::string children() {
  std::string all;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::FILE* file = std::fopen((task.path() / "children").c_str(), "r");
    if (file == nullptr) continue;
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) all += static_cast<char>(c);
    std::fclose(file);
  }
  return all;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

}  // namespace fracas::tests
