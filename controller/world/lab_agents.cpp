#include "controller/world/lab_agents.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "controller/world/log_tail.h"
#include "lib/os/cgroup.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace fracas::controller {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHealWithin{10'000};
constexpr milliseconds kKillWithin{5'000};
constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;

struct Pipe {
  os::UniqueFd read;
  os::UniqueFd write;

  static Result<Pipe> open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe");
    return Pipe{os::UniqueFd(ends[0]), os::UniqueFd(ends[1])};
  }
};

os::LaunchOptions agent_launch(const LabPlan& plan, const LabHostPlan& host, const LabAgentOptions& options,
                               int ready_fd) {
  os::LaunchOptions launch;
  launch.argv = {options.program.string(),
                 "serve",
                 "--name",
                 host.name,
                 "--listen",
                 "unix:" + host.socket.string(),
                 "--state",
                 host.agent_state.string(),
                 "--cert",
                 host.certificate.string(),
                 "--key",
                 host.key.string(),
                 "--ca",
                 plan.ca.string(),
                 "--cgroup",
                 host.cgroup,
                 "--interface",
                 std::string(kLabInterface),
                 "--exit-with",
                 std::to_string(::getpid()),
                 "--ready-fd",
                 std::to_string(ready_fd)};
  launch.working_directory = host.directory;
  return launch;
}

// The descriptor on which the agent will say that it is ready.
Result<os::UniqueFd> start_agent(const LabPlan& plan, const LabNetwork& network, const LabAgentOptions& options,
                                 std::vector<LabAgent>& started) {
  const std::size_t index = started.size();
  const LabHostPlan& host = plan.hosts[index];
  auto ready = Pipe::open();
  if (!ready) return failure(std::move(ready).error());
  const auto cgroup = os::Cgroup::create(host.agent_cgroup);
  if (!cgroup) return failure(cgroup.error());
  os::LaunchOptions launch = agent_launch(plan, host, options, ready->write.get());
  launch.output = options.logs[index];
  launch.network_namespace = network.hosts[index].fd();
  launch.cgroup = cgroup->path();
  // The bridge's namespace has no process of its own: the agents keep the network alive when this process is killed, so
  // that a fault then ends by its lease and not by the network falling apart.
  launch.keep_fds = {ready->write.get(), network.hub.fd()};
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  started.push_back({.name = host.name, .process = *std::move(process)});
  return std::move(ready->read);
}

std::string describe(const os::ExitStatus& ended) {
  return ended.signal != 0 ? fmt::format("was killed by signal {}", ended.signal)
                           : fmt::format("ended with exit code {}", ended.code);
}

// One whole line on `fd` until `deadline_ns`; the agent writes it in one piece.
Status wait_ready(const os::UniqueFd& fd, std::int64_t deadline_ns) {
  std::string line;
  while (line.find('\n') == std::string::npos) {
    const std::int64_t left_ms = (deadline_ns - os::boot_now_ns()) / kNanosecondsPerMillisecond;
    pollfd waiting{.fd = fd.get(), .events = POLLIN, .revents = 0};
    const int ready = left_ms > 0 ? ::poll(&waiting, 1, static_cast<int>(left_ms)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return system_failure("poll");
    if (ready == 0) return failure("is not ready in time", ETIMEDOUT);
    std::array<char, 256> chunk{};
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failure("ended before it was ready");
    line.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return {};
}

Error not_ready(LabAgent& agent, const Error& cause, const LabAgentOptions& options, const std::filesystem::path& log) {
  std::string why = cause.message;
  if (cause.code == ETIMEDOUT)
    why = fmt::format("is not ready after {} ms", options.ready_within.count());
  else if (const auto ended = agent.process.wait_for(milliseconds(1000)))
    why = describe(*ended);
  return {.message = fmt::format("agent {} {}{}", agent.name, why, log_tail(log)), .code = cause.code};
}

}  // namespace

Status start_lab_agents(const LabPlan& plan, const LabNetwork& network, const LabAgentOptions& options,
                        std::vector<LabAgent>& started) {
  if (::access(options.program.c_str(), X_OK) != 0) return system_failure("agent program " + options.program.string());
  std::vector<os::UniqueFd> ready;
  for (const LabHostPlan& host : plan.hosts) {
    auto fd = start_agent(plan, network, options, started);
    if (!fd) return failure(std::move(fd).error().context("agent " + host.name));
    ready.push_back(*std::move(fd));
  }
  const std::int64_t deadline = os::boot_now_ns() + options.ready_within.count() * kNanosecondsPerMillisecond;
  for (std::size_t i = 0; i < ready.size(); ++i)
    if (const auto came = wait_ready(ready[i], deadline); !came)
      return failure(not_ready(started[i], came.error(), options, options.logs[i]));
  return {};
}

void end_lab_agents(std::vector<LabAgent>& agents, milliseconds patience) {
  for (const LabAgent& agent : agents) static_cast<void>(agent.process.signal(SIGTERM));  // Gone already is as good.
  const std::int64_t deadline = os::boot_now_ns() + patience.count() * kNanosecondsPerMillisecond;
  for (LabAgent& agent : agents) {
    const std::int64_t left_ms = std::max<std::int64_t>(0, (deadline - os::boot_now_ns()) / kNanosecondsPerMillisecond);
    if (agent.process.wait_for(milliseconds(left_ms))) continue;
    static_cast<void>(agent.process.signal(SIGKILL));
    static_cast<void>(agent.process.wait_for(kKillWithin));
  }
  agents.clear();
}

Status heal_agent_state(const AgentHealCommand& command) {
  std::error_code none;
  if (!std::filesystem::exists(command.agent_state, none)) return {};
  const std::filesystem::path log = command.agent_state.parent_path() / "heal.log";
  os::LaunchOptions launch;
  launch.argv = {command.program.string(), "heal", "--state", command.agent_state.string()};
  launch.output = log;
  launch.network_namespace = command.network_namespace;
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  const auto ended = process->wait_for(kHealWithin);
  if (ended && ended->signal == 0 && ended->code == 0) return {};
  if (ended) return failure(fmt::format("fracas-agent heal {}{}", describe(*ended), log_tail(log)));
  static_cast<void>(process->signal(SIGKILL));
  static_cast<void>(process->wait_for(kKillWithin));
  return failure(fmt::format("fracas-agent heal did not end within {} ms{}", kHealWithin.count(), log_tail(log)),
                 ETIMEDOUT);
}

}  // namespace fracas::controller
