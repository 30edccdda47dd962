#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// Everything a lab will consist of, decided before anything is made. Pure.
namespace fracas::controller {

// More than an experiment may ask for (model::kLabNodesMax).
inline constexpr unsigned kLabNodesMax = 50;
inline constexpr unsigned kLabSparesMax = 5;
inline constexpr std::string_view kLabInterface = "eth0";  // of every host and of the clients

// Where something is on the lab's network, without prefix lengths.
struct LabAddress {
  std::string ipv4;
  std::string ipv6;

  // As an interface takes them: "10.77.0.11/24" and "fd77::11/64".
  std::string ipv4_interface() const { return ipv4 + "/24"; }
  std::string ipv6_interface() const { return ipv6 + "/64"; }
};

struct LabHostPlan {
  std::string name;
  bool spare = false;
  LabAddress address;
  std::string port;                 // the switch's end of the host's cable
  std::string cgroup;               // the agent makes its services' cgroups below it
  std::string agent_cgroup;         // the agent itself, beside it, so that emptying the one spares the other
  std::filesystem::path directory;  // holds all of the following
  std::filesystem::path agent_state;
  std::filesystem::path data;
  std::filesystem::path socket;
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct LabPlan {
  std::string id;                   // eight hexadecimal digits
  std::string cgroup;               // "fracas/lab-ID", below the cgroup2 mount
  std::filesystem::path directory;  // STATE/labs/ID
  std::filesystem::path ca;         // the authority's certificate
  LabAddress clients;
  std::string clients_port;
  std::vector<LabHostPlan> hosts;  // nodes n1, n2, … at .11, .12, …, then spares x1, x2, … at the addresses after them
};

struct LabSize {
  unsigned nodes = 5;
  unsigned spares = 0;
};

// ERRORS: a size out of range; a state folder so deep that the agents' socket paths do not fit into an address (107
// bytes).
Result<LabPlan> plan_lab(const LabSize& size, std::string_view id, const std::filesystem::path& state);

bool is_lab_id(std::string_view text);
// The id in the name of a cgroup "lab-ID", or empty.
std::string_view lab_id_of_cgroup(std::string_view folder_name);

std::filesystem::path labs_folder(const std::filesystem::path& state);
std::filesystem::path lab_lock_path(const std::filesystem::path& state, std::string_view id);

}  // namespace fracas::controller
