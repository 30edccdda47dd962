#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "controller/world/world.h"
#include "lib/base/result.h"

namespace fracas::model {
class FleetHost;
class World;
}  // namespace fracas::model

namespace fracas::controller {

// Hosts on which agents serve already: nothing is started or stopped on them, faults alone come and go. Agents and
// controller show each other certificates of the fleet's authority (docs/fleet.md).
class Fleet final : public World {
 public:
  // Asks every agent who it is. REQUIRES: a world of kind fleet with its hosts. ERRORS: credentials that do not hold; a
  // host whose address is unknown; the first agent that does not answer, is drained, or serves another run, whose lease
  // is waited for some seconds.
  static Result<std::unique_ptr<Fleet>> join(const model::World& world, const std::filesystem::path& run_directory);
  struct Parts;
  explicit Fleet(std::unique_ptr<Parts> parts);  // for join()
  ~Fleet() override;

  const std::vector<Host>& hosts() const override;
  AgentClient& agent(std::string_view host) override;
  // What it holds ends with its window or its lease.
  void lose(std::string_view host) override;
  // Clients are where the controller is.
  Status join_clients() const override { return {}; }
  // There is none: a fleet's hosts have their own.
  std::string resolver() const override { return {}; }
  // Faults that agents still hold, and agents that do not answer.
  std::vector<std::string> leftovers() const override;
  // Reverts them, and lets other runs have the agents.
  std::vector<std::string> tear_down() override;

 private:
  std::unique_ptr<Parts> parts_;
};

// The agents of these hosts, for what is done to them beside experiments.
class FleetAgents {
 public:
  // `credentials` empty: PkiFolder::default_folder(). `run`: for which one; empty: for none. ERRORS: credentials that
  // do not hold.
  static Result<FleetAgents> connect(const std::vector<model::FleetHost>& hosts, std::filesystem::path credentials,
                                     const std::string& run = "");
  FleetAgents(FleetAgents&&) noexcept;
  FleetAgents& operator=(FleetAgents&&) noexcept;
  ~FleetAgents();

  // In the order of the hosts.
  std::vector<AgentClient>& agents();

 private:
  struct Inside;
  explicit FleetAgents(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace fracas::controller
