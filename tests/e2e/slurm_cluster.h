#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controller/world/lab_network.h"
#include "lib/os/process.h"

namespace fracas::test {

// Slurm as Debian packages it, on a switch of its own: a controller where the clients of a lab are, and three hosts of
// one processor each, n1 to n3, all of them network namespaces of this machine. Ends with the object.
class SlurmCluster {
 public:
  // Why there can be none here; empty: there can.
  static std::string missing();

  // Starts everything in that folder and sets SLURM_CONF for whoever is started from now on. Returns when all hosts are
  // idle; fails the test where they are not in time.
  explicit SlurmCluster(const std::filesystem::path& folder);
  ~SlurmCluster();
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  // From here the controller is reached.
  int client_namespace() const { return network_->clients.fd(); }
  // Waits until a task of a hunt runs on a host, counted from 0; false: none did in time.
  bool wait_for_task(std::size_t host) const;
  // Kills all that runs on a host, as if its power had gone.
  void kill_host(std::size_t host);

 private:
  void start(const std::vector<std::string>& argv, int network_namespace, const std::string& log);
  void write_configuration() const;
  bool all_idle() const;

  std::filesystem::path folder_;
  std::optional<controller::LabNetwork> network_;
  std::vector<os::Process> daemons_;
};

}  // namespace fracas::test
