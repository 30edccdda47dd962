// process.pause of a service that has no cgroup: its processes are stopped one by one.
#include <charconv>
#include <sstream>

#include "tests/kernel/agent_fixture.h"

using namespace fracas;
using namespace fracas::test;

namespace {

// The state letters of the processes of a session that live, as in proc_pid_stat(5).
std::string states_of(pid_t session) {
  std::string states;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const auto text = os::read_file(entry.path() / "stat");
    if (!text) continue;
    std::istringstream fields(text->substr(text->rfind(')') + 1));
    char state = 0;
    pid_t parent = 0, group = 0, of = 0;
    if (fields >> state >> parent >> group >> of && of == session && state != 'Z') states += state;
  }
  return states;
}
bool all_stopped(pid_t session) {
  const std::string states = states_of(session);
  return !states.empty() && states.find_first_not_of('T') == std::string::npos;
}
bool none_stopped(pid_t session) {
  const std::string states = states_of(session);
  return !states.empty() && states.find('T') == std::string::npos;
}

// An agent that puts services into no cgroup, and one that starts processes all the time.
class Host : public AgentFixture {
 public:
  Host() {
    leave_out_cgroups();
    start();
    const auto pid = client().start_service({.name = "sleeper",
                                             .argv = {"/bin/sh", "-c", "sleep 1000 & while :; do sleep 0.01; done"},
                                             .working_directory = "/",
                                             .output = (folder() / "sleeper.log").string()});
    INFO((pid ? "" : pid.error().message) << "\n" << log());
    REQUIRE(pid);
    session_ = *pid;
    REQUIRE(eventually(2s, [&] { return states_of(session_).size() >= 2; }));
  }
  ~Host() {
    // They have one process group, the service's own.
    if (session_ > 0) ::kill(-session_, SIGKILL);
  }
  pid_t session() const { return session_; }

 private:
  pid_t session_ = 0;
};

}  // namespace

TEST_CASE("process.pause: without cgroups every process of the service is stopped, and goes on at its end",
          "[kernel][agent]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces");
  const Host host;
  host.inject("pause", pausing(), 60s, 60s);
  CHECK(eventually(2s, [&] { return all_stopped(host.session()); }));
  const auto report = host.client().revert("pause");
  REQUIRE(report);
  CHECK(report->mechanism == "sigstop");
  CHECK(report->counters.matched >= 2);
  CHECK(report->counters.affected == report->counters.matched);
  CHECK(eventually(2s, [&] { return none_stopped(host.session()); }));
  CHECK(host.ledger_records() == 0);
}

TEST_CASE("process.pause: without cgroups the guardian of a killed agent lets them go on after the lease",
          "[kernel][agent]") {
  if (!can_run_agent()) FRACAS_SKIP("needs root, cgroup2 and network namespaces");
  Host host;
  REQUIRE(eventually(5s, [&] { return host.state().guardian().has_value(); }));
  host.inject("pause", pausing(), 60s, 1s);
  REQUIRE(eventually(2s, [&] { return all_stopped(host.session()); }));
  REQUIRE(host.agent().signal(SIGKILL));
  REQUIRE(host.agent().wait_for(1s));
  CHECK(eventually(3s, [&] { return none_stopped(host.session()) && host.ledger_records() == 0; }));
}
