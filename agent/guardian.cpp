#include "agent/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

#include "agent/catalogue.h"
#include "agent/lease.h"
#include "agent/leftovers.h"
#include "agent/state_dir.h"
#include "agent/undo.h"
#include "lib/base/log.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"

namespace fracas::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kGraceNs = 250'000'000;
// An agent stopped in the middle of its work still holds the record's lock; after this it no longer counts.
constexpr std::int64_t kLockRespectNs = 250'000'000;
constexpr std::int64_t kRetryNs = 100'000'000;

bool readable(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) > 0;
}

class Guardian {
 public:
  static Result<Guardian> make(const GuardianOptions& options);
  void run();

 private:
  Guardian(GuardianOptions options, Ledger ledger, LeaseFile lease)
      : options_(std::move(options)), ledger_(std::move(ledger)), lease_(std::move(lease)), socket_(options_.socket) {}

  bool agent_gone() const { return !agent_ || readable(agent_.get()); }
  // What is overdue is reverted; returns when the next record will be, if there is any.
  std::optional<std::int64_t> revert_overdue();
  // What the agent held up for a moment goes on.
  static void release(const LedgerRecord& record);
  // A living agent takes the objects back of what the kernel has ended when it can run.
  bool must_leave_to_agent(const LedgerRecord& record) const;
  // Returns when to look at it again.
  std::optional<std::int64_t> revert(const LedgerRecord& record, std::int64_t due_ns);
  // `was_gone` is what the caller knew before it looked at the ledger: a death since then ends the wait.
  void wait(std::optional<std::int64_t> until_ns, bool was_gone);
  void receive();
  void answer();
  void clean_up_after_agent();

  GuardianOptions options_;
  Ledger ledger_;
  LeaseFile lease_;
  os::UniqueFd socket_, agent_, changes_, signals_;
  std::vector<os::UniqueFd> held_;
  bool quit_ = false;
};

Result<Guardian> Guardian::make(const GuardianOptions& options) {
  const StateDir state(options.state);
  auto ledger = Ledger::open(state.ledger());
  if (!ledger) return failure(std::move(ledger).error());
  auto lease = LeaseFile::open(state.lease());
  if (!lease) return failure(std::move(lease).error());
  Guardian guardian(options, std::move(*ledger), std::move(*lease));
  // An agent that is dead already leaves this empty, which counts as gone.
  guardian.agent_.reset(static_cast<int>(::syscall(SYS_pidfd_open, options.agent, 0)));
  guardian.changes_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (::inotify_add_watch(guardian.changes_.get(), state.ledger().c_str(), IN_MOVED_TO) < 0)
    return system_failure("watch the ledger");
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  guardian.signals_.reset(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
  auto self = os::ProcessIdentity::of(::getpid());
  if (!self) return failure(std::move(self).error());
  if (auto written = state.write_guardian(*self); !written) return failure(std::move(written).error());
  return guardian;
}

void Guardian::run() {
  answer();
  while (!quit_) {
    const bool gone = agent_gone();
    const auto next = revert_overdue();
    // `gone` was read first: the ledger of a dead agent grows no more, so nothing can be missed here.
    if (gone && !next) {
      clean_up_after_agent();
      return;
    }
    wait(next, gone);
  }
}

std::optional<std::int64_t> Guardian::revert_overdue() {
  auto content = ledger_.read();
  if (!content) {
    log::error("{}", content.error().message);
    // A folder that somebody removed will never tell what there was.
    if (content.error().code == ENOENT && agent_gone()) return std::nullopt;
    return os::boot_now_ns() + kRetryNs;
  }
  for (const std::string& unreadable : content->unreadable) log::error("{}", unreadable);
  std::optional<std::int64_t> next;
  const std::int64_t lease_end = lease_.end_ns();
  for (const LedgerRecord& record : content->records) {
    if (agent_gone()) release(record);
    const std::int64_t due = fault_end_ns(record.window.end_ns, lease_end) + kGraceNs;
    const auto again = os::boot_now_ns() < due ? due : revert(record, due);
    if (again) next = next ? std::min(*next, *again) : *again;
  }
  return next;
}

void Guardian::release(const LedgerRecord& record) {
  const FaultKind* kind = find_kind(record.kind);
  if (kind == nullptr || kind->release == nullptr) return;
  if (auto released = kind->release(record); !released) log::error("guardian: {}", released.error().message);
}

bool Guardian::must_leave_to_agent(const LedgerRecord& record) const {
  const FaultKind* kind = find_kind(record.kind);
  if (kind == nullptr || !kind->ends_by_itself || agent_gone()) return false;
  return kind->needs_guardian == nullptr || !kind->needs_guardian(record);
}

std::optional<std::int64_t> Guardian::revert(const LedgerRecord& record, std::int64_t due_ns) {
  if (must_leave_to_agent(record)) {
    release(record);
    return std::nullopt;
  }
  auto locked = ledger_.lock(record.id, 0s);
  if (!locked && os::boot_now_ns() < due_ns + kLockRespectNs) return os::boot_now_ns() + kRetryNs / 4;
  if (auto undone = undo_and_remove(ledger_, record, KilledServices::restart); !undone) {
    log::error("guardian: {}", undone.error().message);
    return os::boot_now_ns() + kRetryNs;
  }
  log::warning("guardian: reverted {} '{}', its agent is {}", record.kind, record.id,
               agent_gone() ? "gone" : "not answering");
  return std::nullopt;
}

void Guardian::wait(std::optional<std::int64_t> until_ns, bool was_gone) {
  std::array<pollfd, 4> waiting{{{socket_.get(), POLLIN, 0},
                                 {agent_.get(), POLLIN, 0},
                                 {changes_.get(), POLLIN, 0},
                                 {signals_.get(), POLLIN, 0}}};
  int timeout_ms = -1;
  if (until_ns)
    timeout_ms = static_cast<int>(std::clamp<std::int64_t>((*until_ns - os::boot_now_ns()) / 1'000'000 + 1, 1, 60'000));
  if (was_gone) waiting[1].fd = -1;
  if (::poll(waiting.data(), waiting.size(), timeout_ms) <= 0) return;
  std::array<char, 4096> events{};
  if (waiting[2].revents != 0)
    while (::read(changes_.get(), events.data(), events.size()) > 0) {
    }
  if (waiting[3].revents != 0) quit_ = true;
  if (waiting[0].revents != 0) receive();
}

void Guardian::receive() {
  char command = 0;
  iovec data{.iov_base = &command, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kGuardianFdsMax * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    socket_.reset();  // The agent is going; its pidfd tells when it is gone.
    return;
  }
  if (command == kGuardianQuit) quit_ = true;
  if (command != kGuardianHold) return;
  std::vector<os::UniqueFd> arrived;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    std::vector<int> fds((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds.data(), CMSG_DATA(part), fds.size() * sizeof(int));
    for (const int fd : fds) arrived.emplace_back(fd);
  }
  held_ = std::move(arrived);
  answer();
}

void Guardian::answer() {
  if (::send(socket_.get(), &kGuardianReady, 1, MSG_NOSIGNAL) < 0) log::debug("guardian: the agent does not listen");
}

void Guardian::clean_up_after_agent() {
  held_.clear();
  for (const std::string& failed : sweep_leftovers()) log::error("guardian: {}", failed);
  if (options_.exit_with == 0 || options_.cgroup.empty()) return;
  if (const auto controller = os::ProcessIdentity::of(options_.exit_with); controller && controller->alive()) return;
  auto ended = end_services(options_.cgroup);
  if (!ended) log::error("guardian: {}", ended.error().message);
}

}  // namespace

Status run_guardian(const GuardianOptions& options) {
  ::prctl(PR_SET_NAME, "fracas-guardian");
  // Services it restarts are its children; nobody asks how they end.
  ::signal(SIGCHLD, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::fcntl(options.socket, F_SETFD, FD_CLOEXEC);
  auto guardian = Guardian::make(options);
  if (!guardian) return failure(std::move(guardian).error().context("guardian"));
  guardian->run();
  return {};
}

}  // namespace fracas::agent
