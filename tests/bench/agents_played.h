#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace fracas::bench {

// When what reached the agents, on CLOCK_BOOTTIME.
struct AgentsSeen {
  std::size_t prepared = 0;
  std::size_t armed = 0;
  std::int64_t first_prepare_ns = 0;
  std::int64_t last_arm_ns = 0;
  std::vector<double> late_ms;  // by how much each arm came after the window's start; 0: in time
};

// Agents without effects: what the protocol asks for is answered and counted, on a TCP port of loopback for each, with
// a certificate for "agents". Thread: any.
class AgentsPlayed {
 public:
  // `first_port` and those behind it. Ends the program if one is in use.
  AgentsPlayed(std::size_t count, std::uint16_t first_port, const std::filesystem::path& pki);
  ~AgentsPlayed();
  AgentsPlayed(const AgentsPlayed&) = delete;
  AgentsPlayed& operator=(const AgentsPlayed&) = delete;

  AgentsSeen seen() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace fracas::bench
