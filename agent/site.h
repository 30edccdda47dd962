#pragma once
#include <filesystem>
#include <vector>

#include "agent/service_spec.h"
#include "lib/base/result.h"
#include "lib/os/process.h"

// A service as faults see it: a value that finds its processes and can start it again, from whichever process holds it
// (the agent, its guardian, or a later heal). Thread: any; nothing here keeps state.
namespace fracas::agent {

struct ServiceSite {
  ServiceSpec spec;
  // Its cgroup's folder; empty where the host has no cgroup2, then its processes are those of its session.
  std::filesystem::path cgroup;
  // The process that was launched.
  os::ProcessIdentity main;
};

// Everything that runs in it, without zombies.
Result<std::vector<os::ProcessIdentity>> processes_of(const ServiceSite& site);

// Signals one process, told apart by its start time and held by pidfd. A process that is gone is no error: returns
// false.
Result<bool> signal_process(const os::ProcessIdentity& process, int signal);
// The state letter of a process, as in proc_pid_stat(5); 'X' if it is gone.
char state_of(const os::ProcessIdentity& process);
// Lets every process of it go on that a signal stopped.
Status continue_all(const ServiceSite& site);

// Stops or continues all of it: by the cgroup v2 freezer, or SIGSTOP and SIGCONT where there is no cgroup2.
// A cgroup that is gone has nothing frozen in it. ERRORS: ETIMEDOUT if the kernel did not get there in a second, or a
// process did not stop in five: then those that did go on.
Status set_frozen(const ServiceSite& site, bool frozen);
bool is_frozen(const ServiceSite& site);

// SIGKILLs all of it and waits, at most five seconds, until nothing is left. REQUIRES: nobody freezes it meanwhile.
Status end_all(const ServiceSite& site);

// Starts its program in its cgroup, in the caller's network namespace. REQUIRES: it is not frozen.
Result<os::Process> launch(const ServiceSite& site);

}  // namespace fracas::agent
