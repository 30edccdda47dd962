#include "lib/os/process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <sstream>

#include "lib/base/ensure.h"
#include "lib/os/clock.h"
#include "lib/os/file.h"

namespace fracas::os {
namespace {

enum class Step : int { cgroup, network, session, parent, folder, stdio, inherit, exec };

constexpr std::array<const char*, 8> kStepNames = {
    "enter cgroup",    "enter network namespace", "new session", "bind to parent", "enter working directory",
    "redirect output", "pass descriptors",        "execute"};

constexpr std::int64_t kLaunchWaitNs = 5'000'000'000;

struct ChildFailure {
  Step step;
  int code;
};

// Everything the child needs, made before the clone: between clone and exec it must not allocate, because another
// thread may have held the allocator's lock at the clone.
struct ChildPlan {
  std::vector<char*> argv;
  const char* program = nullptr;
  const char* folder = nullptr;
  int network_namespace = -1;
  // The child writes itself into its cgroup. CLONE_INTO_CGROUP would save that, but on kernels (6.18 is one) that
  // compare the cgroup's count of cgroup.kill writes with the parent's cgroup's, every child cloned into a cgroup that
  // was killed once dies by SIGKILL at birth.
  int cgroup_procs = -1;
  int output = -1;
  int input = -1;
  int answers = -1;
  int report = -1;
  bool die_with_parent = false;
  bool new_session = true;
  pid_t parent = 0;
  std::vector<int> inherited;  // sorted
  std::vector<int> spared;     // sorted: inherited and report
};

[[noreturn]] void give_up(const ChildPlan& plan, Step step) {
  const ChildFailure failed{step, errno};
  const auto ignored = ::write(plan.report, &failed, sizeof failed);
  static_cast<void>(ignored);
  ::_exit(127);
}

void require(const ChildPlan& plan, Step step, bool done) {
  if (!done) give_up(plan, step);
}

void restore_signals() {
  struct sigaction normal {};
  normal.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &normal, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void redirect_stdio(const ChildPlan& plan) {
  require(plan, Step::stdio, ::dup2(plan.input, STDIN_FILENO) >= 0);
  if (plan.output >= 0) {
    require(plan, Step::stdio, ::dup2(plan.output, STDOUT_FILENO) >= 0);
    require(plan, Step::stdio, ::dup2(plan.output, STDERR_FILENO) >= 0);
  }
  if (plan.answers >= 0) require(plan, Step::stdio, ::dup2(plan.answers, STDOUT_FILENO) >= 0);
}

void close_others(const ChildPlan& plan) {
  unsigned first = STDERR_FILENO + 1;
  for (const int spared : plan.spared) {
    const auto number = static_cast<unsigned>(spared);
    if (number > first) require(plan, Step::inherit, ::close_range(first, number - 1, 0) == 0);
    first = number + 1;
  }
  require(plan, Step::inherit, ::close_range(first, UINT_MAX, 0) == 0);
  for (const int fd : plan.inherited) require(plan, Step::inherit, ::fcntl(fd, F_SETFD, 0) == 0);
}

[[noreturn]] void become(const ChildPlan& plan) {
  if (plan.cgroup_procs >= 0) require(plan, Step::cgroup, ::write(plan.cgroup_procs, "0", 1) == 1);
  if (plan.network_namespace >= 0) require(plan, Step::network, ::setns(plan.network_namespace, CLONE_NEWNET) == 0);
  if (plan.new_session) require(plan, Step::session, ::setsid() >= 0);
  if (plan.die_with_parent) {
    require(plan, Step::parent, ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
    // The parent may have gone before the request was in place.
    if (::getppid() != plan.parent) ::_exit(127);
  }
  if (plan.folder != nullptr) require(plan, Step::folder, ::chdir(plan.folder) == 0);
  redirect_stdio(plan);
  close_others(plan);
  restore_signals();
  ::execve(plan.program, plan.argv.data(), environ);
  give_up(plan, Step::exec);
}

// Keeps our own descriptors out of the numbers that stdio is moved to.
UniqueFd above_stdio(UniqueFd fd) {
  if (!fd || fd.get() > STDERR_FILENO) return fd;
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

struct Cloned {
  pid_t pid = -1;
  int pidfd = -1;
};

Cloned clone_process() {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
  return {pid, pidfd};
}

// Clones with all signals blocked, so that no handler of ours runs in the child before it has reset them.
Cloned clone_and_become(const ChildPlan& plan) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const Cloned child = clone_process();
  if (child.pid == 0) become(plan);
  const int code = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = code;
  return child;
}

Result<UniqueFd> open_above_stdio(const std::filesystem::path& path, int flags) {
  UniqueFd fd = above_stdio(UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0644)));
  if (!fd) return system_failure("open " + path.string());
  return fd;
}

// The descriptors that live until the child has its copies.
struct LaunchFiles {
  UniqueFd output, null_input, cgroup_procs, report_read, report_write;

  static Result<LaunchFiles> open(const LaunchOptions& options) {
    LaunchFiles files;
    const auto into = [](UniqueFd& slot, Result<UniqueFd> opened) -> Status {
      if (!opened) return failure(std::move(opened).error());
      slot = std::move(*opened);
      return {};
    };
    Status done = into(files.null_input, open_above_stdio("/dev/null", O_RDONLY));
    if (done && !options.output.empty())
      done = into(files.output, open_above_stdio(options.output, O_WRONLY | O_CREAT | O_APPEND));
    if (done && !options.cgroup.empty())
      done = into(files.cgroup_procs, open_above_stdio(options.cgroup / "cgroup.procs", O_WRONLY));
    if (!done) return failure(std::move(done).error());
    std::array<int, 2> report{};
    if (::pipe2(report.data(), O_CLOEXEC) != 0) return system_failure("pipe");
    files.report_read.reset(report[0]);
    files.report_write = above_stdio(UniqueFd(report[1]));
    if (!files.report_write) return system_failure("pipe");
    return files;
  }
};

ChildPlan plan_child(const LaunchOptions& options, const LaunchFiles& files) {
  ChildPlan plan;
  // execve(2) takes char* for historical reasons and does not write through it.
  for (const std::string& argument : options.argv) plan.argv.push_back(const_cast<char*>(argument.c_str()));
  plan.argv.push_back(nullptr);
  plan.program = options.argv.front().c_str();
  if (!options.working_directory.empty()) plan.folder = options.working_directory.c_str();
  plan.network_namespace = options.network_namespace;
  plan.cgroup_procs = files.cgroup_procs.get();
  plan.output = files.output.get();
  plan.input = options.input >= 0 ? options.input : files.null_input.get();
  plan.answers = options.answers;
  plan.report = files.report_write.get();
  plan.die_with_parent = options.die_with_parent;
  plan.new_session = options.new_session;
  plan.parent = ::getpid();
  for (const int fd : options.keep_fds)
    if (fd > STDERR_FILENO) plan.inherited.push_back(fd);
  std::sort(plan.inherited.begin(), plan.inherited.end());
  plan.spared = plan.inherited;
  plan.spared.push_back(plan.report);
  std::sort(plan.spared.begin(), plan.spared.end());
  plan.spared.erase(std::unique(plan.spared.begin(), plan.spared.end()), plan.spared.end());
  return plan;
}

// Nothing if the child has become the program. A child that does not get there, because its cgroup is frozen, has
// failed.
std::optional<ChildFailure> read_failure(int report) {
  pollfd waiting{.fd = report, .events = POLLIN, .revents = 0};
  const std::int64_t deadline = boot_now_ns() + kLaunchWaitNs;
  for (;;) {
    const std::int64_t left_ms = std::max<std::int64_t>(0, (deadline - boot_now_ns()) / 1'000'000);
    const int ready = ::poll(&waiting, 1, static_cast<int>(left_ms));
    if (ready > 0) break;
    if (ready == 0) return ChildFailure{Step::cgroup, ETIMEDOUT};
  }
  ChildFailure failed{};
  ssize_t got = 0;
  do {
    got = ::read(report, &failed, sizeof failed);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof failed)) return std::nullopt;
  return failed;
}

ExitStatus reap(int pidfd) {
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) != 0 && errno == EINTR) {
  }
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signal = 0};
  return {.code = 0, .signal = info.si_status};
}

// State letter and start time from /proc/PID/stat. The command's name in brackets may hold anything, brackets too.
struct ProcessStat {
  char state = 0;
  std::uint64_t start_ticks = 0;
};

Result<ProcessStat> read_stat(pid_t pid) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return failure(std::move(text).error());
  const std::size_t bracket = text->rfind(')');
  if (bracket == std::string::npos) return failure("unexpected format of /proc/PID/stat");
  std::istringstream fields(text->substr(bracket + 1));
  ProcessStat stat;
  fields >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> stat.start_ticks)) return failure("unexpected format of /proc/PID/stat");
  return stat;
}

}  // namespace

Result<Process> Process::launch(const LaunchOptions& options) {
  if (options.argv.empty()) return failure("launch: no program given", EINVAL);
  auto files = LaunchFiles::open(options);
  if (!files) return failure(std::move(files).error().context("launch " + options.argv.front()));
  const ChildPlan plan = plan_child(options, *files);
  const Cloned child = clone_and_become(plan);
  if (child.pid < 0) return system_failure("launch " + options.argv.front() + ": clone");
  UniqueFd pidfd(child.pidfd);
  ::fcntl(pidfd.get(), F_SETFD, FD_CLOEXEC);
  files->report_write.reset();
  if (const auto failed = read_failure(files->report_read.get())) {
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
    reap(pidfd.get());
    const auto step = static_cast<std::size_t>(failed->step);
    return system_failure("launch " + options.argv.front() + ": " + kStepNames.at(step), failed->code);
  }
  return Process(child.pid, std::move(pidfd));
}

Status Process::signal(int number) const {
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0) != 0)
    return system_failure("signal process " + std::to_string(pid_));
  return {};
}

std::optional<ExitStatus> Process::wait_for(std::chrono::milliseconds timeout) {
  if (ended_) return ended_;
  using namespace std::chrono_literals;
  const std::int64_t deadline = boot_now_ns() + std::min(timeout, std::chrono::milliseconds(24h)).count() * 1'000'000;
  for (;;) {
    const std::int64_t left_ms = std::max<std::int64_t>(0, (deadline - boot_now_ns() + 999'999) / 1'000'000);
    pollfd waiting{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left_ms));
    if (ready > 0) {
      ended_ = reap(pidfd_.get());
      return ended_;
    }
    if (ready == 0 && left_ms == 0) return std::nullopt;
    if (ready < 0) ensure(errno == EINTR, "a pidfd can be polled");
  }
}

Result<ProcessIdentity> ProcessIdentity::of(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat) return failure(std::move(stat).error());
  return ProcessIdentity{.pid = pid, .start_ticks = stat->start_ticks};
}

bool ProcessIdentity::alive() const {
  const auto stat = read_stat(pid);
  return stat && stat->start_ticks == start_ticks && stat->state != 'Z' && stat->state != 'X';
}

}  // namespace fracas::os
