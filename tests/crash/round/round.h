#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fracas::crash {

struct Outcome {
  std::vector<std::string> complaints;  // empty: nothing was left, nobody was harmed
  std::map<std::string, int> armed;     // faults by kind
  std::map<std::string, int> refused;
  std::string refusal;    // one of them, whole
  bool outlived = false;  // the services were seen to have outlived it all
  std::string replay;     // the plan as text and, after complaints, all logs
};

// Plays the round of this seed: hosts, agent, services and controller are made, killed as planned, healed, and compared
// with before. Several may run at once, each on its own thread. REQUIRES: root, cgroup2.
Outcome play_round(std::uint64_t seed);

}  // namespace fracas::crash
