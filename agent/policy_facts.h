#pragma once
#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

#include "agent/policy.h"
#include "agent/processes/process_facts.h"
#include "agent/site.h"
#include "lib/base/result.h"

// What is true of this host now, for the policy to judge by. Thread: any.
namespace fracas::agent {

// Each process of these services; of one that does not run, its program.
Result<std::vector<PolicyVictim>> find_policy_victims(const std::vector<ServiceSite>& sites);

PolicyVictim policy_victim(const ProcessFacts& process, const std::string& service);

// The processes these services have together.
Result<std::set<pid_t>> pids_of(const std::vector<ServiceSite>& sites);

// Whether the calling thread is in the network namespace of process 1. In doubt it is.
bool shares_network_of_host();

// The names of all interfaces but loopback in the calling thread's network namespace.
Result<std::vector<std::string>> find_interfaces();

}  // namespace fracas::agent
