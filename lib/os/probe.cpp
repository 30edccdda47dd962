#include "lib/os/probe.h"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "lib/os/cgroup.h"
#include "lib/os/fd.h"

namespace fracas::os {
namespace {

// A child that only waits; ended and collected by its owner.
class Dummy {
 public:
  static Result<Dummy> start() {
    const pid_t pid = ::fork();
    // Only async-signal-safe calls here: other threads may have held locks at the fork.
    while (pid == 0) ::pause();
    if (pid < 0) return system_failure("start a process");
    return Dummy(pid);
  }
  Dummy(Dummy&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Dummy& operator=(Dummy&&) = delete;
  ~Dummy() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    static_cast<void>(wait());
  }

  pid_t pid() const { return pid_; }
  // Returns the signal that ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

 private:
  explicit Dummy(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

Status freeze_once(const Cgroup& cgroup) {
  auto dummy = Dummy::start();
  if (!dummy) return failure(std::move(dummy).error());
  if (auto added = cgroup.add(dummy->pid()); !added) return added;
  auto frozen = cgroup.freeze(true);
  auto thawed = cgroup.freeze(false);
  return frozen ? thawed : frozen;
}

}  // namespace

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "unknown";
}

Status probe_freezer() {
  static std::atomic<unsigned> serial = 0;
  auto cgroup = Cgroup::create("fracas-probe-" + std::to_string(::getpid()) + "-" + std::to_string(serial++));
  if (!cgroup) return failure(std::move(cgroup).error());
  auto worked = freeze_once(*cgroup);
  auto removed = cgroup->remove();
  return worked ? removed : worked;
}

Status probe_pidfd() {
  auto dummy = Dummy::start();
  if (!dummy) return failure(std::move(dummy).error());
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, dummy->pid(), 0)));
  if (!pidfd) return system_failure("pidfd_open");
  if (::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0) != 0)
    return system_failure("pidfd_send_signal");
  if (dummy->wait() != SIGKILL) return failure("a signal sent by pidfd did not arrive");
  return {};
}

}  // namespace fracas::os
