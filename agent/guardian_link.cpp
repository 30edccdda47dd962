#include "agent/guardian_link.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr int kAnswerWaitMs = 5000;

}  // namespace

Result<std::unique_ptr<GuardianLink>> GuardianLink::start(GuardianOptions options, std::vector<int> inherited) {
  std::unique_ptr<GuardianLink> link(new GuardianLink(std::move(options), std::move(inherited)));
  const std::lock_guard lock(link->mutex_);
  if (auto launched = link->launch(); !launched) return failure(std::move(launched).error());
  return link;
}

Status GuardianLink::launch() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_failure("socket to the guardian");
  socket_.reset(ends[0]);
  const os::UniqueFd theirs(ends[1]);
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return failure("find own program: " + failed.message(), failed.value());
  os::LaunchOptions launch;
  launch.argv = {program.string(), "guardian",
                 "--state",        options_.state.string(),
                 "--agent",        std::to_string(::getpid()),
                 "--socket",       std::to_string(theirs.get()),
                 "--cgroup",       options_.cgroup,
                 "--exit-with",    std::to_string(options_.exit_with)};
  launch.keep_fds = inherited_;
  launch.keep_fds.push_back(theirs.get());
  auto process = os::Process::launch(launch);
  if (!process) return failure(std::move(process).error());
  process_.emplace(std::move(*process));
  ready_ = false;
  return {};
}

int GuardianLink::pidfd() const {
  const std::lock_guard lock(mutex_);
  return process_ ? process_->pidfd() : -1;
}

Status GuardianLink::wait_ready() {
  const std::lock_guard lock(mutex_);
  return wait_for_answer();
}

Status GuardianLink::wait_for_answer() {
  if (ready_) return {};
  pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, kAnswerWaitMs);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return failure("the guardian does not answer", ETIMEDOUT);
  char answer = 0;
  if (::recv(socket_.get(), &answer, 1, 0) != 1) return failure("the guardian is gone", EPIPE);
  ready_ = true;
  return {};
}

Status GuardianLink::hold(std::span<const int> fds) {
  const std::lock_guard lock(mutex_);
  auto held = hand_over(fds);
  if (!held) end();
  return held;
}

Status GuardianLink::hand_over(std::span<const int> fds) {
  if (auto ready = wait_for_answer(); !ready) return ready;
  if (auto sent = send(kGuardianHold, fds); !sent) return sent;
  ready_ = false;
  return wait_for_answer();
}

// Its end shows on the pidfd, as any other.
void GuardianLink::end() {
  if (!process_) return;
  static_cast<void>(process_->signal(SIGKILL));
  static_cast<void>(process_->wait_for(1s));
}

Status GuardianLink::send(char command, std::span<const int> fds) {
  if (fds.size() > kGuardianFdsMax) return failure("too many descriptors for the guardian", E2BIG);
  iovec data{.iov_base = &command, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kGuardianFdsMax * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  if (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) != 1) return system_failure("tell the guardian");
  return {};
}

Status GuardianLink::restart() {
  const std::lock_guard lock(mutex_);
  end();
  return launch();
}

void GuardianLink::quit() {
  const std::lock_guard lock(mutex_);
  if (!process_) return;
  static_cast<void>(send(kGuardianQuit, {}));
  if (!process_->wait_for(2s)) end();
  process_.reset();
}

}  // namespace fracas::agent
