#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/order.h"
#include "lib/base/quantity.h"
#include "lib/base/result.h"
#include "lib/model/net_flows.h"

// What the owner of a host forbids, whatever an experiment says. Pure: what is true of the host now comes as facts.
namespace fracas::agent {

// lib/model/policy.proto as plain values; the manual is docs/policy.md. A name may have `*` in it, for any characters.
struct Policy {
  std::string source{};  // the file it is from, for messages; empty: there is none
  Duration window_max = std::chrono::hours(24);
  std::optional<std::size_t> victims_max{};    // processes
  std::vector<std::string> kinds_allowed{};    // "net.loss", "net.*"; empty: all
  std::vector<std::string> kinds_forbidden{};  // wins over kinds_allowed
  std::filesystem::path freeze_file = "/run/fracas/freeze";
  bool allow_system_clock = false;
  std::vector<std::string> processes{};
  std::vector<std::string> cgroups{};  // as PolicyVictim::cgroup
  std::vector<model::PortRange> ports{};
  std::vector<std::string> interfaces{};
  std::vector<std::filesystem::path> paths{};  // absolute, normal
};

// A process that a fault would act on, or the program of a service that does not run.
struct PolicyVictim {
  pid_t pid = 0;          // 0: does not run
  std::string service{};  // empty: it was chosen by what it is
  std::string name{};     // as in /proc/PID/comm: at most 15 characters
  std::string program{};  // file name of its program
  std::string cgroup{};  // below the root of the cgroup2 file system, without slashes at its ends: "fracas/n1/svc-raft"
};

// What check_policy must know of the host beside the order.
struct PolicyFacts {
  std::optional<std::filesystem::path> frozen_by{};  // the freeze file that exists
  std::vector<PolicyVictim> victims{};               // of the order
  std::vector<std::filesystem::path> folders{};      // working folders of the order's services; absolute
  std::size_t victims_at_once = 0;  // processes of this order and of every fault that is held, each once
  std::uint16_t agent_port = 0;     // TCP; 0: the agent listens on a Unix socket
  bool has_interface = true;        // there is an interface that is not protected
};

// Whether protect.processes or protect.cgroups has it.
bool is_protected(const Policy& policy, const PolicyVictim& victim);

// ERRORS of both: EPERM and one sentence with the rule, the value, and the file that says so.
Status check_policy(const Policy& policy, const Order& order, const PolicyFacts& facts);
// `window` from the first start to the last end that one fault is armed with.
Status check_policy_window(const Policy& policy, const Window& window);

// The ports that network faults leave alone, even those on all ports: ssh's, the agent's (0: none) and those protected.
std::vector<model::PortRange> spared_ports(const Policy& policy, std::uint16_t agent_port);

// "frozen by FILE (…)": EPERM. What every order is answered while the freeze file exists.
tl::unexpected<Error> frozen(const Policy& policy, const std::filesystem::path& by);

// The interfaces that network faults may act on: `wanted`, or all of `present` where that is empty, without those
// protected. ERRORS: EPERM if one is wanted by name and protected.
Result<std::vector<std::string>> allowed_interfaces(const Policy& policy, const std::vector<std::string>& wanted,
                                                    const std::vector<std::string>& present);

}  // namespace fracas::agent
