#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/site.h"
#include "lib/base/result.h"
#include "lib/os/process.h"

namespace fracas::agent {

// The processes this agent runs for its controller, each in a cgroup `PARENT/svc-NAME`. Thread: any; calls are
// serialised. Owner: the agent. Destruction leaves them running; `stop_all` does not.
class Services {
 public:
  // `parent` is the agent's cgroup below the cgroup2 mount; empty: services get no cgroup.
  explicit Services(std::string parent);
  // REQUIRES: no service was started yet.
  void set_parent(std::string parent);

  // ERRORS: EEXIST if that name runs; what failed, with its errno.
  Result<pid_t> start(const ServiceSpec& spec);
  // SIGTERM, two seconds, SIGKILL of everything; removes its cgroup. An unknown name is no error.
  Status stop(const std::string& name);
  // All at once, so that five slow ones cost two seconds together; then the agent's cgroup goes. ERRORS: the first one.
  Status stop_all();

  // ERRORS: ENOENT "no service 'x' runs here".
  Result<std::vector<ServiceSite>> sites(const std::vector<std::string>& names) const;

  // Freezes, or thaws once every freeze has been taken back: two pauses of one service may overlap.
  Status freeze(const std::string& name);
  Status thaw(const std::string& name);

  // Starts a killed service again. `killed` are the processes that were signalled: if they are still there they are
  // ended first; if others run, somebody restarted it already and they are taken over. A service that was stopped stays
  // stopped; one that is frozen is thawed for as long as its start takes, and frozen again.
  Status restart(const std::string& name, const std::vector<os::ProcessIdentity>& killed);

  // Ends every process of a service, which may be started again: nobody does it in between. `note` is told first who
  // they are, maybe none; if it fails, all is as it was. Returns them. ERRORS: ENOENT as `sites`.
  using NoteProcesses = std::function<Status(const std::vector<os::ProcessIdentity>&)>;
  Result<std::vector<os::ProcessIdentity>> end_processes(const std::string& name, const NoteProcesses& note);

  // Collects processes that ended, and logs how. Called on SIGCHLD.
  void reap();

 private:
  struct Service {
    ServiceSite site;
    std::optional<os::Process> process;  // nothing: it was started by the guardian, or has been reaped
    int frozen = 0;
  };

  // All REQUIRE mutex_ held.
  Status make_site(ServiceSite& site) const;
  static Status start_in_place(Service& service);
  static Status restart_now(Service& service, const std::vector<os::ProcessIdentity>& killed);
  static void ask_to_end(Service& service);
  static Status end(Service& service, std::int64_t term_until_ns);

  std::string parent_;
  mutable std::mutex mutex_;
  std::map<std::string, Service> services_;
};

}  // namespace fracas::agent
