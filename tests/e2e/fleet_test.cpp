// Agents that serve on hosts of their own, over TCP with certificates, and a controller that finds them by an
// inventory.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "lib/os/netlink.h"
#include "lib/os/netns.h"
#include "tests/catch/catch.h"
#include "tests/e2e/program.h"
#include "tests/e2e/residue.h"
#include "tests/tree/tree.h"

namespace {

using namespace fracas;
using namespace fracas::test;
namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::vector<std::string> kHosts{"db1", "db2", "db3"};

std::string address_of(std::size_t host) {
  return fmt::format("10.78.0.{}", 11 + host);
}

// A program with no capabilities but those of the agent's systemd unit: setpriv's words before its own.
std::vector<std::string> as_in_unit(std::vector<std::string> argv) {
  constexpr std::string_view kKey = "CapabilityBoundingSet=";
  std::string set = "-all";
  std::istringstream unit(content(tests::source_dir() + "/deploy/systemd/fracas-agent.service"));
  for (std::string line; std::getline(unit, line);) {
    if (!line.starts_with(kKey)) continue;
    std::istringstream names(line.substr(kKey.size()));
    for (std::string name; names >> name;) {
      std::ranges::transform(name, name.begin(),
                             [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
      set += ",+" + name.substr(4);  // behind "cap_"
    }
  }
  argv.insert(argv.begin(), {"/usr/bin/setpriv", "--no-new-privs", "--bounding-set", set, "--"});
  return argv;
}

void must(const Status& status) {
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status);
}

// A room with three hosts on one bridge and the controller on it, too; on each host a store that runs already and an
// agent.
class Room {
 public:
  Room() {
    ::setenv("FRACAS_PKI", pki().c_str(), 1);
    auto hub = os::RouteSocket::open_in(hub_).value();
    must(hub.create_bridge("hub"));
    must(os::silence_ipv6(hub_, "hub"));
    must(hub.add_address("hub", "10.78.0.1/24"));
    must(hub.set_up("hub"));
    for (std::size_t i = 0; i < kHosts.size(); ++i) plug_in(hub, i);
  }

  ~Room() {
    ::unsetenv("FRACAS_PKI");
    for (auto& process : agents_) static_cast<void>(process.signal(SIGTERM));
    for (auto& process : agents_) static_cast<void>(process.wait_for(seconds(10)));
    for (auto& process : stores_) static_cast<void>(process.signal(SIGKILL));
    for (auto& process : stores_) static_cast<void>(process.wait_for(seconds(5)));
  }

  const Scratch& scratch() const { return scratch_; }
  std::string pki() const { return (scratch_.path() / "pki").string(); }
  std::string inventory() const { return (scratch_.path() / "fleet.toml").string(); }

  // `fracas` where the controller is.
  Ended call(std::vector<std::string> words) {
    const fs::path output = scratch_.path() / fmt::format("call-{}", calls_++);
    words.insert(words.begin(), tests::bin_dir() + "/fracas");
    auto process = launch(std::move(words), hub_, output);
    const auto ended = process.wait_for(seconds(60));
    return {ended ? (ended->signal != 0 ? 128 + ended->signal : ended->code) : -1, content(output)};
  }

  // The same, without waiting for its end.
  os::Process begin(std::vector<std::string> words) {
    words.insert(words.begin(), tests::bin_dir() + "/fracas");
    return launch(std::move(words), hub_, scratch_.path() / fmt::format("call-{}", calls_++));
  }

  std::string log_of(const std::string& host) const { return content(scratch_.path() / host / "agent.log"); }
  bool holds_faults() {
    return call({"agent", "list", "--inventory", inventory()}).output.find(" fault") != std::string::npos;
  }

  // An authority, certificates for all, agents, and the list of them.
  void enrol() {
    REQUIRE(call({"pki", "init"}).code == 0);
    REQUIRE(call({"pki", "issue", "db1", "db2", "db3"}).code == 0);
    std::ofstream list(inventory());
    for (std::size_t i = 0; i < kHosts.size(); ++i) {
      list << fmt::format("[[host]]\nname = \"{}\"\naddress = \"{}:7600\"\nlabels = [\"zone={}\"]\n", kHosts[i],
                          address_of(i), i == 0 ? "a" : "b");
      start_agent(i, kHosts[i]);
    }
    list.close();
    REQUIRE(comes_true([&] { return call({"agent", "list", "--inventory", inventory()}).code == 0; }));
  }

  // The same as in Kubernetes: one certificate for all, and an API that knows nodes and pods.
  void enrol_nodes() {
    REQUIRE(call({"pki", "init"}).code == 0);
    REQUIRE(call({"pki", "issue", "fracas-agents.fracas.svc"}).code == 0);
    std::vector<std::string> words{"/usr/bin/python3", tests::source_dir() + "/tests/e2e/kubernetes_nodes.py"};
    for (std::size_t i = 0; i < kHosts.size(); ++i) {
      words.push_back(fmt::format("{}={}={}", kHosts[i], address_of(i), i == 0 ? "a" : "b"));
      start_agent(i, "fracas-agents.fracas.svc");
    }
    stores_.push_back(launch(words, hub_, scratch_.path() / "api"));
    REQUIRE(comes_true([&] { return call({"agent", "list", "--inventory", "kubernetes:fracas"}).code == 0; }));
  }

  void start_stores() {
    std::string nodes;
    for (std::size_t i = 0; i < kHosts.size(); ++i)
      nodes += fmt::format("{}{}={}", i == 0 ? "" : ",", kHosts[i], address_of(i));
    for (std::size_t i = 0; i < kHosts.size(); ++i) {
      const fs::path data = scratch_.path() / ("data-" + kHosts[i]);
      fs::create_directories(data);
      stores_.push_back(launch({"/usr/bin/python3", tests::source_dir() + "/experiments/real/store/node.py", kHosts[i],
                                address_of(i), data.string(), nodes},
                               hosts_[i], scratch_.path() / ("store-" + kHosts[i])));
    }
  }

  // Whether a host's store has ended.
  bool store_ended(std::size_t host) { return stores_[host].wait_for(milliseconds(0)).has_value(); }

  template <typename Question>
  static bool comes_true(Question question) {
    for (int tries = 0; tries < 100; ++tries) {
      if (question()) return true;
      std::this_thread::sleep_for(milliseconds(100));
    }
    return false;
  }

 private:
  void plug_in(os::RouteSocket& hub, std::size_t i) {
    hosts_.push_back(os::NetNamespace::create().value());
    const std::string port = "port-" + kHosts[i];
    must(hub.create_veth({port, nullptr}, {"eth0", &hosts_[i]}));
    must(hub.set_master(port, "hub"));
    must(hub.set_up(port));
    auto host = os::RouteSocket::open_in(hosts_[i]).value();
    must(os::silence_ipv6(hosts_[i], "eth0"));
    must(host.add_address("eth0", address_of(i) + "/24"));
    must(host.set_up("eth0"));
  }

  void start_agent(std::size_t i, const std::string& certificate) {
    const fs::path folder = scratch_.path() / kHosts[i];
    fs::create_directories(folder);
    const std::string own = pki() + "/" + certificate + ".pem";
    agents_.push_back(
        launch(as_in_unit({tests::bin_dir() + "/fracas-agent", "serve", "--name", kHosts[i], "--listen",
                           address_of(i) + ":7600", "--state", (folder / "state").string(), "--cert", own, "--key", own,
                           "--ca", pki() + "/ca.crt", "--revoked", (folder / "revoked.pem").string()}),
               hosts_[i], folder / "agent.log"));
  }

  static os::Process launch(std::vector<std::string> argv, const os::NetNamespace& netns, const fs::path& output) {
    os::LaunchOptions options;
    options.argv = std::move(argv);
    options.output = output;
    options.working_directory = tests::source_dir();
    options.network_namespace = netns.fd();
    return os::Process::launch(options).value();
  }

  Scratch scratch_;
  os::NetNamespace hub_ = os::NetNamespace::create().value();
  std::vector<os::NetNamespace> hosts_;
  std::vector<os::Process> agents_, stores_;
  int calls_ = 0;
};

constexpr std::string_view kOfProcesses = R"([[fault]]
name = "by-port"
kind = "process.kill"
on = "db2"
at = "500ms"
for = "500ms"
processes = { listen = 7100 }
[[fault]]
name = "by-program"
kind = "process.pause"
on = "db3"
at = "2s"
for = "1s"
processes = { name = "python3*" }
)";

std::string experiment_with(const Room& room, const std::string& inventory, std::string_view faults) {
  const fs::path file = room.scratch().path() / "experiment.toml";
  std::ofstream(file) << R"(name = "fleet"
seed = 5
duration_max = "1m"
[world]
kind = "fleet"
inventory = ")" << inventory
                      << R"("
[target]
kind = "external"
[target.options]
adapter = ["/usr/bin/python3", "./experiments/real/store/adapter.py"]
[workload]
kind = "cas-register"
clients = 3
rate = "60/s"
[phases]
warmup = "1s"
faults = "4s"
recover = "2s"
)" << faults << R"([[check]]
kind = "linearizable"
)";
  return file.string();
}

std::string experiment_on(const Room& room, const std::string& inventory = "fleet.toml",
                          const std::string& label = "zone=a") {
  return experiment_with(room, inventory,
                         fmt::format(R"([[fault]]
name = "by-name"
kind = "net.partition"
shape = "isolate"
on = "db2"
for = "1500ms"
[[fault]]
name = "by-label"
kind = "net.delay"
on = "{}"
delay = "20ms"
at = "2s"
for = "1500ms"
)",
                                     label));
}

bool says(const Ended& ended, std::string_view words) {
  return ended.output.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("fleet: hosts are broken by name and by label, and nothing is left on them", "[e2e]") {
  Room room;
  room.enrol();
  room.start_stores();
  const fs::path run = room.scratch().path() / "run";
  const Ended ended = room.call({"run", experiment_on(room), "--out", run.string(), "--quiet"});
  INFO(ended.output);
  CHECK(ended.code == 0);
  const auto verdict = read_verdict(run);
  REQUIRE(verdict["faults"].size() == 2);
  for (const auto& fault : verdict["faults"]) CHECK(fault.value("had_effect", false));
  CHECK(content(run / "experiment.toml").find("10.78.0.13:7600") != std::string::npos);
  const Ended after = room.call({"agent", "list", "--inventory", room.inventory()});
  INFO(after.output);
  for (const std::string& host : kHosts) CHECK(says(after, host));
  CHECK_FALSE(says(after, "fault"));
  const Ended doctor = room.call({"doctor", "--inventory", room.inventory(), "zone=b"});
  CHECK(doctor.code == 0);
  CHECK(says(doctor, "net.partition"));
  CHECK_FALSE(says(doctor, "db1"));
}

TEST_CASE("fleet: in Kubernetes agents are found by its API, and hosts selected by the labels of nodes", "[e2e]") {
  Room room;
  room.enrol_nodes();
  room.start_stores();
  const Ended chosen =
      room.call({"agent", "list", "--inventory", "kubernetes:fracas", "topology.kubernetes.io/zone=a"});
  CHECK(chosen.code == 0);
  CHECK(says(chosen, "db1"));
  CHECK_FALSE(says(chosen, "db2"));
  const Ended refused = room.call({"agent", "list", "--inventory", "kubernetes:other"});
  CHECK(refused.code != 0);
  CHECK(says(refused, "403 pods is forbidden"));
  const fs::path run = room.scratch().path() / "run";
  const std::string file = experiment_on(room, "kubernetes:fracas", "topology.kubernetes.io/zone=a");
  const Ended ended = room.call({"run", file, "--out", run.string(), "--quiet"});
  INFO(ended.output);
  CHECK(ended.code == 0);
  const auto faults = faults_of(run);
  REQUIRE(faults.size() == 2);
  for (const auto& fault : faults) CHECK(fault.value("had_effect", false));
  CHECK(content(run / "experiment.toml").find("topology.kubernetes.io/zone=b") != std::string::npos);
}

TEST_CASE("fleet: what a controller that was stopped still asks is refused once another run has the agents, and logged",
          "[e2e]") {
  Room room;
  room.enrol();
  room.start_stores();
  // Both have clients of the one store, which see each other's values.
  std::string text = content(experiment_on(room));
  text.replace(text.find("linearizable"), std::string_view("linearizable").size(), "availability");
  const fs::path file = room.scratch().path() / "availability.toml";
  std::ofstream(file) << text;
  const auto words = [&](const char* name) {
    return std::vector<std::string>{
        "run", file.string(), "--set", "safety.lease=1s", "--out", (room.scratch().path() / name).string(), "--quiet"};
  };
  os::Process late = room.begin(words("late"));
  REQUIRE(Room::comes_true([&] { return room.holds_faults(); }));
  REQUIRE(late.signal(SIGSTOP));
  REQUIRE(Room::comes_true([&] { return !room.holds_faults(); }));  // the lease is over
  os::Process next = room.begin(words("next"));
  REQUIRE(Room::comes_true([&] { return room.holds_faults(); }));
  REQUIRE(late.signal(SIGCONT));
  const auto late_ended = late.wait_for(seconds(60)), next_ended = next.wait_for(seconds(60));
  REQUIRE((late_ended && next_ended));
  CHECK(late_ended->code == 4);
  CHECK(next_ended->code == 0);
  const auto faults = faults_of(room.scratch().path() / "next");
  REQUIRE(faults.size() == 2);
  for (const auto& fault : faults) CHECK(fault.value("had_effect", false));
  for (const std::string& host : kHosts) {
    INFO(room.log_of(host));
    CHECK(room.log_of(host).find(" is over: it left this agent, or lost it with its lease") != std::string::npos);
  }
}

TEST_CASE("fleet: processes that nobody of ours has started are chosen by what they are", "[e2e]") {
  Room room;
  room.enrol();
  room.start_stores();
  const fs::path run = room.scratch().path() / "run";
  const Ended ended =
      room.call({"run", experiment_with(room, "fleet.toml", kOfProcesses), "--out", run.string(), "--quiet"});
  INFO(ended.output);
  CHECK(ended.code == 0);
  const auto faults = faults_of(run);
  REQUIRE(faults.size() == 2);
  for (const auto& fault : faults) CHECK(fault.value("had_effect", false));
  CHECK(room.store_ended(1));
  CHECK_FALSE(room.store_ended(0));
  CHECK_FALSE(room.store_ended(2));
  const std::string effects = content(run / "effects.jsonl");
  INFO(effects);
  CHECK(effects.find("\"processes\":[\"python3") != std::string::npos);
}

TEST_CASE("fleet: the unit leaves the agent every capability that faults need, and takes others", "[e2e]") {
  const Scratch scratch;
  const auto doctor = [&](std::vector<std::string> argv, const char* name) {
    os::LaunchOptions options;
    options.argv = std::move(argv);
    options.output = scratch.path() / name;
    auto process = os::Process::launch(options).value();
    const auto ended = process.wait_for(seconds(60));
    CHECK((ended && ended->code == 0));
    return content(options.output);
  };
  const std::vector<std::string> words{tests::bin_dir() + "/fracas-agent", "doctor"};
  const std::string whole = doctor(words, "whole");
  CHECK(whole.find("net.partition") != std::string::npos);
  CHECK(doctor(as_in_unit(words), "unit") == whole);
  const std::string few = doctor({"/usr/bin/setpriv", "--bounding-set", "-all", "--", words[0], words[1]}, "few");
  CHECK(few != whole);
}

TEST_CASE("fleet: a drained host takes no faults until it is taken back", "[e2e]") {
  Room room;
  room.enrol();
  room.start_stores();
  ::setenv("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 1);
  const Ended drained = room.call({"agent", "drain", "--inventory", room.inventory(), "db3"});
  ::unsetenv("TRACEPARENT");
  INFO(drained.output);
  const std::string log = content(room.scratch().path() / "db3" / "agent.log");
  CHECK(log.find("trace_id=4bf92f3577b34da6a3ce929d0e0e4736: drained") != std::string::npos);
  CHECK(drained.code == 0);
  CHECK(says(room.call({"agent", "list", "--inventory", room.inventory()}), "drained"));
  const Ended refused = room.call({"run", experiment_on(room), "--out", (room.scratch().path() / "no").string()});
  INFO(refused.output);
  CHECK(refused.code == 5);
  CHECK(says(refused, "agent db3 is drained"));
  CHECK(room.call({"agent", "drain", "--back", "--inventory", room.inventory()}).code == 0);
  CHECK_FALSE(says(room.call({"agent", "list", "--inventory", room.inventory()}), "drained"));
}

TEST_CASE("fleet: certificates of others, agents' own, expired and revoked ones are refused at once", "[e2e]") {
  Room room;
  room.enrol();
  const std::string pki = room.pki();
  const auto list = [&](const std::string& folder) {
    return room.call({"agent", "list", "--inventory", room.inventory(), "--pki", folder});
  };
  const auto folder_with = [&](const std::string& name, const fs::path& controller, const fs::path& ca) {
    const fs::path folder = room.scratch().path() / name;
    fs::create_directories(folder);
    fs::copy_file(controller, folder / "controller.pem");
    fs::copy_file(ca, folder / "ca.crt");
    return folder.string();
  };
  // Another authority's, even where the controller takes the agents for its own.
  const std::string other = (room.scratch().path() / "other").string();
  REQUIRE(room.call({"pki", "init", "--pki", other}).code == 0);
  CHECK(list(folder_with("stranger", other + "/controller.pem", pki + "/ca.crt")).code == 5);
  // An agent's certificate is no controller's.
  CHECK(list(folder_with("agent", pki + "/db2.pem", pki + "/ca.crt")).code == 5);
  // A user's holds until it is revoked; the agents are told, and refuse from then on although they were not restarted.
  REQUIRE(room.call({"pki", "issue", "--controller", "alice"}).code == 0);
  const std::string alice = folder_with("alice", pki + "/alice.pem", pki + "/ca.crt");
  CHECK(list(alice).code == 0);
  const Ended revoked = room.call({"pki", "revoke", "alice", "--inventory", room.inventory()});
  INFO(revoked.output);
  CHECK(revoked.code == 0);
  CHECK(says(revoked, "3 of 3 agents know it"));
  const Ended refused = list(alice);
  CHECK(refused.code == 5);
  CHECK(says(refused, "is revoked"));
  CHECK(list(pki).code == 0);
  // One that expires.
  REQUIRE(room.call({"pki", "issue", "--controller", "bob", "--lifetime", "1s"}).code == 0);
  const std::string bob = folder_with("bob", pki + "/bob.pem", pki + "/ca.crt");
  CHECK(Room::comes_true([&] { return says(list(bob), "has expired"); }));
  // Each is in the agents' logs.
  for (const std::string& host : kHosts) {
    INFO(room.log_of(host));
    for (const char* words : {"refused a connection: ", "certificate verify failed", "is revoked"})
      CHECK(room.log_of(host).find(words) != std::string::npos);
  }
}

TEST_CASE("fleet: an agent's certificate is replaced without a restart, and the old one can be revoked", "[e2e]") {
  Room room;
  room.enrol();
  const auto listed = [&] { return room.call({"agent", "list", "--inventory", room.inventory(), "db1"}); };
  const std::string serials = room.call({"pki", "list", "--format", "json"}).output;
  const auto before = nlohmann::json::parse(serials);
  std::string old;
  for (const auto& each : before)
    if (each["name"] == "db1") old = each["serial"];
  REQUIRE_FALSE(old.empty());
  CHECK(room.call({"pki", "rotate", "db1"}).code == 0);
  CHECK(room.call({"pki", "revoke", old}).code == 0);
  // The agent still shows the old one until it has looked at its files again.
  CHECK(Room::comes_true([&] { return listed().code == 0; }));
  // Revoked as a whole it is refused by the controller at once.
  CHECK(room.call({"pki", "revoke", "db1"}).code == 0);
  const Ended refused = listed();
  INFO(refused.output);
  CHECK(refused.code == 5);
  CHECK(says(refused, "is revoked"));
}
