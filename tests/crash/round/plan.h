#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

namespace fracas::model {
class Injection;
}

// What happens in one round of the crash test, all of it drawn from the round's seed: the same seed, the same round.
namespace fracas::crash {

inline constexpr std::chrono::milliseconds kLease{500};
// The host under test, 10.77.0.1, and its neighbour 10.77.0.2, which is left alone.
inline constexpr const char* kHost = "n1";
inline constexpr const char* kPeer = "n2";
// The services on the host, both "busy work".
std::vector<std::string> service_names();

// One fault: written as a user would, resolved as the planner does.
struct PlannedFault {
  std::string id;
  std::string kind;
  std::string toml;
  std::unique_ptr<model::Injection> injection;
  Duration start{};  // from the moment all are prepared
  Duration length{};
  bool revert = false;  // the controller reverts it; otherwise window or lease end it

  PlannedFault();
  PlannedFault(PlannedFault&&) noexcept;
  ~PlannedFault();
};

// A SIGKILL, counted from the moment the controller is let go.
enum class Target { agent, guardian, controller };
struct Blow {
  Target target = Target::agent;
  Duration at{};
};
const char* name_of(Target target);

struct Plan {
  std::uint64_t seed = 0;
  std::vector<PlannedFault> faults;  // 3 to 6
  std::vector<Blow> blows;           // 1 or 2, in order of time
  bool exit_with = false;            // the agent leaves when its controller has gone
  // What happens once the agent is dead:
  bool patient = false;               // the guardian, if there is one, may finish first
  Duration restart_after{};           // otherwise: when it is started again, or healed
  bool heal = false;                  // by "fracas-agent heal"; otherwise by a new agent
  std::optional<Duration> kill_next;  // that new agent is killed so long after it was launched
};

// Draws a round over all kinds of faults that the model has. ERRORS: a kind whose parameters the planner does not take;
// that is a mistake in the model or in draw_parameters.
Result<Plan> draw_plan(std::uint64_t seed);

// The round as text, for whoever must understand a failure.
std::string describe(const Plan& plan);

}  // namespace fracas::crash
