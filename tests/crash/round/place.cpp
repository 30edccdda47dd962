#include "tests/crash/round/place.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "controller/pki/authority.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"
#include "lib/os/netlink.h"
#include "tests/tree/tree.h"

namespace fracas::crash {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Nothing is measured here: on a busy machine everything may take its time.
constexpr auto kPatience = 60s;
constexpr const char* kEchoPort = "7000";

template <typename Condition>
bool eventually(const Condition& condition) {
  const std::int64_t deadline = os::boot_now_ns() + Duration(kPatience).count();
  while (!condition()) {
    if (os::boot_now_ns() >= deadline) return false;
    os::sleep_until_boot_ns(os::boot_now_ns() + 3'000'000);
  }
  return true;
}

std::string busy_program() {
  return tests::bin_dir() + "/../victims/busy";
}

std::string text_of(const fs::path& file) {
  return os::read_file(file).value_or("");
}

Status set_up_end(const os::NetNamespace& netns, const std::string& link, const std::string& last) {
  auto socket = os::RouteSocket::open_in(netns);
  if (!socket) return failure(std::move(socket).error());
  if (auto silent = os::silence_ipv6(netns, link); !silent) return silent;
  if (auto added = socket->add_address(link, "10.77.0." + last + "/24"); !added) return added;
  if (auto added = socket->add_address(link, "fd77::" + last + "/64"); !added) return added;
  return socket->set_up(link);
}

bool has_carrier(const os::NetNamespace& netns) {
  bool up = false;
  static_cast<void>(netns.run([&up]() -> Status {
    const os::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    up = eventually([&socket] {
      ifreq link{};
      std::strncpy(link.ifr_name, "eth0", sizeof link.ifr_name - 1);
      return ::ioctl(socket.get(), SIOCGIFFLAGS, &link) == 0 && (link.ifr_flags & IFF_RUNNING) != 0;
    });
    return {};
  }));
  return up;
}

}  // namespace

std::string agent_address(const fs::path& folder) {
  return "unix:" + (folder / "agent.sock").string();
}

Result<controller::Credentials> read_credentials(const fs::path& folder) {
  auto ca = os::read_file(folder / "ca.pem");
  auto certificate = os::read_file(folder / "controller.pem");
  auto key = os::read_file(folder / "controller-key.pem");
  if (!ca || !certificate || !key) return failure("no credentials in " + folder.string());
  return controller::Credentials{.ca = *ca, .certificate = *certificate, .key = *key};
}

Result<Place> Place::make(std::uint64_t seed) {
  auto host = os::NetNamespace::create();
  if (!host) return failure(std::move(host).error());
  auto peer = os::NetNamespace::create();
  if (!peer) return failure(std::move(peer).error());
  Place place(seed, std::move(*host), std::move(*peer));
  std::string name = (fs::temp_directory_path() / "fracas-crash-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return system_failure("make a folder");
  place.folder_ = name;
  place.cgroup_ = place.folder_.filename().string();
  for (const std::string& service : service_names()) fs::create_directory(place.folder_ / ("data-" + service));
  if (auto made = os::Cgroup::create(place.cgroup_); !made) return failure(std::move(made).error());
  if (auto joined = place.join_hosts(); !joined) return failure(std::move(joined).error());
  if (auto written = place.write_certificates(); !written) return failure(std::move(written).error());
  if (auto launched = place.launch_echo(); !launched) return failure(std::move(launched).error());
  return place;
}

Place::Place(Place&&) noexcept = default;

Place::~Place() {
  if (folder_.empty()) return;
  end_everything();
  if (const auto cgroup = os::Cgroup::open(cgroup_)) {
    static_cast<void>(cgroup->kill_all());
    static_cast<void>(cgroup->remove());
  }
  std::error_code ignored;
  if (!keep_) fs::remove_all(folder_, ignored);
}

Status Place::join_hosts() {
  auto socket = os::RouteSocket::open_in(host_);
  if (!socket) return failure(std::move(socket).error());
  if (auto made = socket->create_veth({"eth0", nullptr}, {"eth0", &peer_}); !made) return made;
  if (auto up = set_up_end(host_, "eth0", "1"); !up) return up;
  if (auto up = set_up_end(peer_, "eth0", "2"); !up) return up;
  // An end that was set up first learns a moment later that the other one is there.
  for (const os::NetNamespace* netns : {&host_, &peer_})
    if (!has_carrier(*netns)) return failure("the hosts' link does not come up");
  return {};
}

Status Place::write_certificates() {
  const auto authority = controller::CertificateAuthority::create();
  if (!authority) return failure(authority.error());
  const auto agent = authority->issue_agent(kHost);
  const auto client = authority->issue_client(controller::kControllerName);
  if (!agent || !client) return failure("no certificates");
  const auto save = [this](const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; };
  save("ca.pem", agent->ca);
  save("agent.pem", agent->certificate);
  save("agent-key.pem", agent->key);
  save("controller.pem", client->certificate);
  save("controller-key.pem", client->key);
  return {};
}

Status Place::launch_echo() {
  os::LaunchOptions launch;
  launch.argv = {busy_program(), "echo", kEchoPort};
  launch.output = folder_ / "echo.log";
  launch.network_namespace = peer_.fd();
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  echo_.emplace(std::move(*process));
  if (eventually([this] { return text_of(folder_ / "echo.log") == "ready\n"; })) return {};
  return failure("the echo service does not start");
}

Status Place::launch_agent(std::optional<pid_t> exit_with) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
  ready_.reset(ends[0]);
  const os::UniqueFd theirs(ends[1]);
  os::LaunchOptions launch;
  launch.argv = {tests::bin_dir() + "/fracas-agent",
                 "serve",
                 "--name",
                 kHost,
                 "--listen",
                 agent_address(folder_),
                 "--state",
                 state().root().string(),
                 "--cert",
                 (folder_ / "agent.pem").string(),
                 "--key",
                 (folder_ / "agent-key.pem").string(),
                 "--ca",
                 (folder_ / "ca.pem").string(),
                 "--cgroup",
                 cgroup_ + "/agent",
                 "--ready-fd",
                 std::to_string(theirs.get())};
  if (exit_with) launch.argv.insert(launch.argv.end(), {"--exit-with", std::to_string(*exit_with)});
  launch.output = folder_ / "agent.log";
  launch.network_namespace = host_.fd();
  launch.keep_fds = {theirs.get()};
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error().context("agent"));
  agent_.emplace(std::move(*process));
  return {};
}

Status Place::wait_for_agent() {
  pollfd waiting{.fd = ready_.get(), .events = POLLIN, .revents = 0};
  const int polled = ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
  std::array<char, 16> answer{};
  if (polled == 1 && ::read(ready_.get(), answer.data(), answer.size()) == 6) return {};
  return failure("the agent does not start\n" + agent_log());
}

Status Place::start_services() {
  const auto credentials = read_credentials(folder_);
  if (!credentials) return failure(credentials.error());
  controller::AgentClient client({.name = kHost, .target = agent_address(folder_)}, *credentials, kPatience);
  for (const std::string& service : service_names()) {
    auto started = client.start_service({.name = service,
                                         .argv = {busy_program(), "work", "10.77.0.2", kEchoPort},
                                         .working_directory = (folder_ / ("data-" + service)).string(),
                                         .output = service_log(service).string()});
    if (!started) return failure(std::move(started).error());
  }
  return {};
}

Status Place::launch_controller() {
  os::LaunchOptions launch;
  launch.argv = {tests::bin_dir() + "/crash-controller", folder_.string(), std::to_string(seed_)};
  launch.output = folder_ / "controller.log";
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error().context("controller"));
  controller_.emplace(std::move(*process));
  return {};
}

void Place::let_controller_go() const {
  std::ofstream(folder_ / "go") << "go\n";
}

Result<std::string> Place::heal() {
  os::LaunchOptions launch;
  launch.argv = {tests::bin_dir() + "/fracas-agent", "heal", "--state", state().root().string()};
  launch.output = folder_ / "heal.log";
  launch.network_namespace = host_.fd();
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error().context("heal"));
  const auto ended = process->wait_for(kPatience);
  const std::string said = text_of(launch.output);
  if (!ended) static_cast<void>(process->signal(SIGKILL));
  if (!ended) return failure("heal does not end\n" + said);
  if (ended->code == 0 && ended->signal == 0 && said.ends_with("clean\n")) return said;
  return failure(fmt::format("heal ended with code {}, signal {}\n{}", ended->code, ended->signal, said));
}

void Place::kill(Target target) {
  if (target == Target::agent && agent_ && agent_->signal(SIGKILL)) static_cast<void>(agent_->wait_for(kPatience));
  if (target == Target::controller && controller_) static_cast<void>(controller_->signal(SIGKILL));
  if (target != Target::guardian) return;
  for (const auto& [pid, name] : processes_in(host_))
    if (name == "fracas-guardian") ::kill(pid, SIGKILL);
}

Result<os::ExitStatus> Place::stop_agent() {
  if (!agent_) return failure("there is no agent");
  static_cast<void>(agent_->signal(SIGTERM));
  const auto ended = agent_->wait_for(kPatience);
  if (!ended) return failure("the agent does not end on SIGTERM\n" + agent_log());
  agent_.reset();
  return *ended;
}

bool Place::agent_runs() {
  if (agent_ && agent_->wait_for(0ms)) agent_.reset();
  return agent_.has_value();
}

bool Place::agent_leaves() {
  if (agent_ && agent_->wait_for(kPatience)) agent_.reset();
  return !agent_;
}

void Place::wait_for_controller() {
  if (controller_ && !controller_->wait_for(kPatience)) kill(Target::controller);
}

bool Place::guardian_leaves() const {
  return eventually([this] {
    for (const auto& [pid, name] : processes_in(host_))
      if (name == "fracas-guardian") return false;
    return true;
  });
}

std::vector<std::pair<pid_t, std::string>> Place::processes_in(const os::NetNamespace& netns) const {
  std::vector<std::pair<pid_t, std::string>> found;
  const auto wanted = netns.inode();
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/proc", failed)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    struct stat ns {};
    if (pid <= 0 || !wanted || ::stat((entry.path() / "ns/net").c_str(), &ns) != 0 || ns.st_ino != *wanted) continue;
    std::string name = text_of(entry.path() / "comm");
    while (!name.empty() && name.back() == '\n') name.pop_back();
    found.emplace_back(pid, name);
  }
  return found;
}

std::vector<std::string> Place::processes() const {
  std::vector<std::string> lines;
  for (const auto& [pid, name] : processes_in(host_)) lines.push_back(fmt::format("{} {}", pid, name));
  return lines;
}

std::vector<pid_t> Place::service_processes(const std::string& name) const {
  const auto cgroup = os::Cgroup::open(cgroup_ + "/agent/svc-" + name);
  return cgroup ? cgroup->processes().value_or(std::vector<pid_t>{}) : std::vector<pid_t>{};
}

std::string Place::agent_log() const {
  return text_of(folder_ / "agent.log");
}
std::string Place::controller_log() const {
  return text_of(folder_ / "controller.log");
}

void Place::end_everything() {
  for (std::optional<os::Process>* process : {&agent_, &controller_, &echo_})
    if (*process) static_cast<void>((*process)->signal(SIGKILL));
  for (int i = 0; i < 10; ++i)
    for (const auto& [pid, name] : processes_in(host_)) ::kill(pid, SIGKILL);
  for (std::optional<os::Process>* process : {&agent_, &controller_, &echo_})
    if (*process) static_cast<void>((*process)->wait_for(kPatience));
}

}  // namespace fracas::crash
