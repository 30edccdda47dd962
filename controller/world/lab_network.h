#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "controller/world/lab_plan.h"
#include "lib/base/result.h"
#include "lib/os/netns.h"

namespace fracas::controller {

// A lab's network: nothing but namespaces held by descriptors, and links inside them. Destroying it lets go of them;
// the kernel removes each with all its links when no process is in it and nobody else holds it.
struct LabNetwork {
  os::NetNamespace hub;                 // holds the bridge and one port for each cable
  os::NetNamespace clients;             // where the workload's sockets are
  std::vector<os::NetNamespace> hosts;  // as in LabPlan::hosts
};

// Every host and the clients get an interface eth0, MTU 1500, with their addresses, usable at once, and reach each
// other. REQUIRES: CAP_SYS_ADMIN and CAP_NET_ADMIN. ERRORS: the step and its cause; nothing is left then.
Result<LabNetwork> make_lab_network(const LabPlan& plan);

// A process that has a thread in a network namespace.
struct NamespaceMember {
  pid_t pid = 0;
  unsigned long inode = 0;  // of the namespace
  std::string command;      // for people
};

// All processes with a thread in one of the namespaces with these inode numbers.
std::vector<NamespaceMember> namespace_members(const std::vector<unsigned long>& inodes);

}  // namespace fracas::controller
