#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/quantity.h"

// A fault as one host must inject it, in plain C++: all choices made, all names resolved. The wire form is
// lib/model/agent.proto, which says what each field means to the agent.
namespace fracas::controller {

enum class NetFault : std::uint8_t { partition, loss, delay };

struct NetInjection {
  NetFault fault = NetFault::partition;
  std::vector<std::string> from{};  // CIDR prefixes, IPv4 or IPv6: packets arriving from them
  std::vector<std::string> to{};    // packets leaving to them
  double loss = 0;                  // share dropped, in [0, 1]; a partition drops all
  Duration delay{};                 // delay only: one way
  Duration jitter{};                // delay only: give or take this; <= delay
  std::uint64_t seed = 0;
};

enum class ProcessFault : std::uint8_t { kill, pause };

struct ProcessInjection {
  ProcessFault fault = ProcessFault::kill;
  std::vector<std::string> services{};      // names given to start_service; a world's node is `kNodeService`
  int signal = 9;                           // kill only: SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT or SIGABRT
  std::optional<Duration> restart_after{};  // kill only: counted from the kill; absent: at the window's end
};

using Injection = std::variant<NetInjection, ProcessInjection>;

}  // namespace fracas::controller
