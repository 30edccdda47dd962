#include "agent/serve.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>
#include <utility>

#include "agent/metrics.h"
#include "agent/metrics_server.h"
#include "agent/service.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"

namespace fracas::agent {
namespace {

constexpr int kGuardianTriesMax = 10;

// Before any thread is started, so that all of them have these signals blocked and only the descriptor sees them.
Result<os::UniqueFd> take_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGCHLD}) sigaddset(&wanted, number);
  if (::sigprocmask(SIG_BLOCK, &wanted, nullptr) != 0) return system_failure("block signals");
  os::UniqueFd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return system_failure("signalfd");
  return fd;
}

// What our parent meant us to have: everything above stdio that is open now. REQUIRES: nothing was opened yet.
std::vector<int> inherited_descriptors(int except) {
  std::vector<int> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
    const std::string name = entry.path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd > STDERR_FILENO && fd != except) found.push_back(fd);
  }
  // The listing's own descriptor is closed by now. Our children get only what is passed to them by name.
  std::erase_if(found, [](int fd) { return ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0; });
  return found;
}

Status say_ready(int fd) {
  constexpr std::string_view kReady = "ready\n";
  const int to = fd < 0 ? STDOUT_FILENO : fd;
  const ssize_t written = ::write(to, kReady.data(), kReady.size());
  if (fd >= 0) ::close(fd);
  if (written != static_cast<ssize_t>(kReady.size())) return system_failure("say that it is ready");
  return {};
}

// The port of "HOST:PORT".
std::uint16_t tcp_port(const std::string& listen) {
  std::uint16_t port = 0;
  const std::size_t colon = listen.rfind(':');
  if (listen.starts_with("unix:") || colon == std::string::npos) return port;
  std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  return port;
}

// Nothing where nobody asked for it.
Result<std::unique_ptr<MetricsServer>> serve_metrics(const ServeOptions& options, Agent& agent,
                                                     const RpcServer& server) {
  if (options.metrics.empty()) return nullptr;
  return MetricsServer::start(options.metrics, [&agent, &server, certificate = options.certificate] {
    return metrics_text(agent, server.calls(), certificate);
  });
}

class Loop {
 public:
  Loop(Agent& agent, os::UniqueFd signals, pid_t controller)
      : agent_(agent), signals_(std::move(signals)), has_controller_(controller > 0) {
    if (has_controller_) controller_.reset(static_cast<int>(::syscall(SYS_pidfd_open, controller, 0)));
  }

  void run() {
    while (!ending_ && !alone_too_long()) step();
  }

 private:
  bool alone_too_long() {
    if (!has_controller_) return false;
    pollfd looking{.fd = controller_.get(), .events = POLLIN, .revents = 0};
    alone_ = !controller_ || ::poll(&looking, 1, 0) > 0;
    return alone_ && os::boot_now_ns() >= agent_.faults().lease_end_ns();
  }

  void step() {
    const int guardian = guardian_lost_ ? -1 : agent_.guardian().pidfd();
    std::array<pollfd, 3> waiting{
        {{signals_.get(), POLLIN, 0}, {guardian, POLLIN, 0}, {alone_ ? -1 : controller_.get(), POLLIN, 0}}};
    int timeout_ms = -1;
    if (alone_)
      timeout_ms = static_cast<int>(
          std::clamp<std::int64_t>((agent_.faults().lease_end_ns() - os::boot_now_ns()) / 1'000'000 + 1, 1, 60'000));
    if (::poll(waiting.data(), waiting.size(), timeout_ms) <= 0) return;
    if (waiting[0].revents != 0) take_signal();
    if (waiting[1].revents != 0) replace_guardian();
  }

  void take_signal() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      const int number = static_cast<int>(info.ssi_signo);
      if (number == SIGCHLD) agent_.services().reap();
      if (number == SIGTERM || number == SIGINT) ending_ = true;
      if (number != SIGUSR1) continue;
      if (auto reverted = agent_.faults().revert_all(); !reverted) log::error("{}", reverted.error().message);
    }
  }

  void replace_guardian() {
    // The new one may be ended as well before it is ready.
    for (int left = kGuardianTriesMax; left > 0; --left) {
      log::warning("the guardian ended; another one takes its place");
      auto replaced = agent_.replace_guardian();
      if (replaced) return;
      log::error("no guardian: {}", replaced.error().message);
    }
    guardian_lost_ = true;
  }

  Agent& agent_;
  os::UniqueFd signals_, controller_;
  bool has_controller_ = false;
  bool alone_ = false;
  bool ending_ = false;
  bool guardian_lost_ = false;
};

}  // namespace

Status serve(ServeOptions options) {
  options.agent.port = tcp_port(options.listen);
  options.agent.inherited = inherited_descriptors(options.ready_fd);
  if (options.ready_fd >= 0) ::fcntl(options.ready_fd, F_SETFD, FD_CLOEXEC);
  auto signals = take_signals();
  if (!signals) return failure(std::move(signals).error());
  const pid_t controller = options.agent.exit_with;
  auto agent = Agent::open(std::move(options.agent));
  if (!agent) return failure(std::move(agent).error());
  auto server = RpcServer::start(**agent, {.listen = options.listen,
                                           .certificate = options.certificate,
                                           .key = options.key,
                                           .ca = options.ca,
                                           .revoked = options.revoked,
                                           .commands = options.commands || options.listen.starts_with("unix:")});
  if (!server) return failure(std::move(server).error());
  auto metrics = serve_metrics(options, **agent, **server);
  if (!metrics) return failure(std::move(metrics).error());
  if (auto said = say_ready(options.ready_fd); !said) return said;
  log::info("agent {} serves on {}", (*agent)->name(), options.listen);
  Loop((**agent), std::move(*signals), controller).run();
  metrics->reset();
  (*server)->stop();
  (*agent)->shut_down();
  return {};
}

}  // namespace fracas::agent
