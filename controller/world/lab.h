#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/world/world.h"
#include "lib/base/result.h"

namespace fracas::controller {

struct LabOptions {
  unsigned nodes = 5;                     // 1 to 50
  unsigned spares = 0;                    // 0 to 5
  std::filesystem::path run_directory{};  // logs and events go to its nodes/NAME, which are made and stay
  std::filesystem::path state{};          // empty: lab_state_root()
  std::filesystem::path agent_program{};  // empty: fracas-agent beside the running binary
};

// ${FRACAS_STATE:-/run/fracas}: where labs and ledgers are recorded on this machine.
std::filesystem::path lab_state_root();

// Hosts on this machine: for each a network namespace, a cgroup, a data folder and an agent, joined by a bridge in a
// namespace of its own; nothing is made in the machine's own network, so labs with the same addresses run side by side.
// The network lives as long as this object or one of the agents, and agents end with the process that made the lab.
// What a killed process leaves (cgroups, folders, stopped processes) is recorded before it is made, and heal_labs()
// removes it.
class Lab final : public World {
 public:
  // REQUIRES: root. ERRORS: the step and its cause; nothing is left behind. An agent that does not start is named, with
  // the end of its log.
  static Result<std::unique_ptr<Lab>> create(const LabOptions& options);
  struct Parts;
  explicit Lab(std::unique_ptr<Parts> parts);  // for create()
  ~Lab() override;

  const std::string& id() const;  // eight hexadecimal digits

  const std::vector<Host>& hosts() const override;
  AgentClient& agent(std::string_view host) override;
  Status join_clients() const override;
  Status join_host(std::string_view host) const override;
  std::string resolver() const override;
  std::vector<std::string> leftovers() const override;
  std::vector<std::string> tear_down() override;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace fracas::controller
