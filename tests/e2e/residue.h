#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fracas::test {

// Everything on this machine that a fault or a lab could leave behind, counted from outside: by the kernel's own lists,
// not by ours. Two censuses that differ name what is left.
struct Census {
  std::set<unsigned long> network_namespaces;  // inode numbers, of every process
  std::set<std::string> links;                 // of the machine's own namespace
  std::set<std::string> qdiscs;                // likewise, as `tc qdisc` prints them
  std::set<unsigned> bpf_programs;             // ids, all of the machine
  std::set<unsigned> bpf_maps;
  std::set<unsigned> bpf_links;
  std::set<std::string> cgroups;    // below fracas/
  std::set<std::string> processes;  // "PID NAME" of everything called fracas…
  std::set<std::string> stopped;    // "PID NAME" of stopped or frozen processes
  std::set<std::string> state;      // files below the state folder
};

// REQUIRES: root. `state` is the folder given to the programs as FRACAS_STATE.
Census take_census(const std::string& state);

// One line for everything in `after` that was not there `before`; empty means nothing was left.
std::vector<std::string> left_over(const Census& before, const Census& after);

// The same against the machine as it is now. The kernel frees programs and maps a moment after their last user has
// gone, so what is left is looked at again for at most five seconds.
std::vector<std::string> left_over_now(const Census& before, const std::string& state);

}  // namespace fracas::test
