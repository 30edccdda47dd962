#pragma once
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <optional>

#include "lib/os/cgroup.h"
#include "tests/kernel/net_pair.h"

// Processes of their own that use sockets, for faults that tell processes apart.
namespace fracas::test {

// A cgroup v2 group for one test.
class TestCgroup {
 public:
  explicit TestCgroup(const std::string& name)
      : cgroup_(os::Cgroup::create("fracas-test-" + name + "-" + std::to_string(::getpid())).value()) {}
  ~TestCgroup() {
    static_cast<void>(cgroup_.kill_all());
    static_cast<void>(cgroup_.remove());
  }
  const std::filesystem::path& path() const { return cgroup_.path(); }
  void add(pid_t pid) const { REQUIRE(cgroup_.add(pid)); }

 private:
  os::Cgroup cgroup_;
};

// A process that connects once told to, says how that went, then waits for a byte and says how that went.
class Dialer {
 public:
  struct Outcome {
    int error = 0;
    std::int64_t took_ns = 0;
  };

  Dialer(const os::NetNamespace& netns, const Address& target) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) live(netns, target);
    ::close(ends_[1]);
  }
  ~Dialer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(ends_[0]);
  }
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  pid_t pid() const { return pid_; }
  void dial() const { REQUIRE(::send(ends_[0], "", 1, 0) == 1); }
  // Of the connect first, then of the wait for a byte.
  std::optional<Outcome> outcome(int patience_ms = 3000) const {
    pollfd waiting{ends_[0], POLLIN, 0};
    Outcome said;
    if (::poll(&waiting, 1, patience_ms) != 1 || ::recv(ends_[0], &said, sizeof said, 0) != sizeof said)
      return std::nullopt;
    return said;
  }

 private:
  // In the child of a process with threads: system calls only.
  [[noreturn]] void live(const os::NetNamespace& netns, const Address& target) const {
    char go = 0;
    if (::setns(netns.fd(), CLONE_NEWNET) != 0 || ::recv(ends_[1], &go, 1, 0) != 1) ::_exit(1);
    const int socket = ::socket(target.storage.ss_family, SOCK_STREAM, 0);
    const std::int64_t before = os::boot_now_ns();
    const int failed = ::connect(socket, target.get(), target.size) == 0 ? 0 : errno;
    say({failed, os::boot_now_ns() - before});
    char byte = 0;
    const ssize_t got = failed == 0 ? ::recv(socket, &byte, 1, 0) : 0;
    say({got < 0 ? errno : 0, os::boot_now_ns() - before});
    ::pause();
    ::_exit(0);
  }
  void say(const Outcome& outcome) const { static_cast<void>(::send(ends_[1], &outcome, sizeof outcome, 0)); }

  pid_t pid_ = -1;
  int ends_[2] = {-1, -1};
};

inline os::UniqueFd listen_at(const os::NetNamespace& netns, const Address& target) {
  os::UniqueFd listener = open_socket(netns, target.storage.ss_family, SOCK_STREAM);
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (target.storage.ss_family == AF_INET6) ::setsockopt(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  REQUIRE(::bind(listener.get(), target.get(), target.size) == 0);
  REQUIRE(::listen(listener.get(), 16) == 0);
  return listener;
}

inline os::UniqueFd accept_from(const os::UniqueFd& listener) {
  os::UniqueFd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(accepted);
  return accepted;
}

}  // namespace fracas::test
