#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/effect.h"
#include "agent/faults/net.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"

// What a controller may ask of an agent, as plain values, and the rules they must obey. Pure: no clock, file or kernel.
namespace fracas::agent {

struct ProcessKillRule {
  std::vector<std::string> services;
  int signal = 9;
  // From the kill to the restart; absent: restarted at the window's end.
  std::optional<Duration> restart_after{};

  bool operator==(const ProcessKillRule&) const = default;
};

struct ProcessPauseRule {
  std::vector<std::string> services;

  bool operator==(const ProcessPauseRule&) const = default;
};

using Injection = std::variant<NetRule, ProcessKillRule, ProcessPauseRule>;

// A fault as it is prepared.
struct Order {
  std::string id;
  Injection injection;
  Duration lease{};
};

// A process the agent is to run and look after.
struct ServiceSpec {
  std::string name;
  std::vector<std::string> argv;
  std::string working_directory;  // empty: the agent's
  std::string output;             // file that stdout and stderr are appended to; empty: the agent's

  bool operator==(const ServiceSpec&) const = default;
};

// "net.loss", "process.kill", …
std::string_view kind(const Injection& injection);
bool same(const Injection& left, const Injection& right);

// All of these: ERRORS: EINVAL and one sentence that names the value and the rule it breaks.
Status check_order(const Order& order);
// The lease a controller may ask for: 100 ms to 10 minutes.
Status check_lease(Duration lease);
// A window must end after it starts and after `now_ns`, and last a day at most.
Status check_window(const Window& window, std::int64_t now_ns);
Status check_service(const ServiceSpec& spec);

}  // namespace fracas::agent
