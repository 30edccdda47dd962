#include "agent/clock/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>

#include "lib/os/clock.h"
#include "lib/os/fd.h"

namespace fracas::agent::clock {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

// How the work ended, as it goes through the pipe: in one write.
struct Outcome {
  bool done = false;
  int code = 0;
  std::array<char, 1000> message{};
};

[[noreturn]] void be_helper(const std::function<Status()>& work, int answer) {
  ::signal(SIGCHLD, SIG_DFL);
  // Nothing of the caller's stays open in here: a socket held would outlive a caller that is killed.
  constexpr int kAnswer = STDERR_FILENO + 1;
  if (answer != kAnswer && ::dup2(answer, kAnswer) < 0) ::_exit(1);
  ::close_range(kAnswer + 1, UINT_MAX, 0);
  Outcome outcome;
  if (const Status status = work(); status) {
    outcome.done = true;
  } else {
    outcome.code = status.error().code;
    const std::string& text = status.error().message;
    std::copy_n(text.data(), std::min(text.size(), outcome.message.size() - 1), outcome.message.data());
  }
  const auto written = ::write(kAnswer, &outcome, sizeof outcome);
  ::_exit(written == sizeof outcome ? 0 : 1);
}

pid_t fork_without_signals() {
  sigset_t all{}, before{};
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::fork();
  const int code = errno;
  if (child != 0) ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = code;
  return child;
}

std::optional<Outcome> read_answer(int answer, Duration patience) {
  const std::int64_t deadline = os::boot_now_ns() + patience.count();
  pollfd waiting{.fd = answer, .events = POLLIN, .revents = 0};
  for (;;) {
    const std::int64_t left = std::max<std::int64_t>(deadline - os::boot_now_ns(), 0);
    const int ready = ::poll(&waiting, 1, static_cast<int>(left / kNsPerMs + 1));
    if (ready < 0 && errno == EINTR) continue;
    Outcome outcome;
    if (ready <= 0 || ::read(answer, &outcome, sizeof outcome) != sizeof outcome) return std::nullopt;
    return outcome;
  }
}

}  // namespace

Status run_in_helper(const std::function<Status()>& work, Duration patience) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_failure("pipe of the clock helper");
  const os::UniqueFd answer(ends[0]);
  os::UniqueFd theirs(ends[1]);
  const pid_t helper = fork_without_signals();
  if (helper == 0) be_helper(work, theirs.get());
  if (helper < 0) return system_failure("start the clock helper");
  theirs.reset();
  const auto outcome = read_answer(answer.get(), patience);
  if (!outcome) ::kill(helper, SIGKILL);
  // Where SIGCHLD is ignored this waits as well, and reports no child.
  while (::waitpid(helper, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!outcome) return failure("the clock helper did not finish", ETIMEDOUT);
  if (!outcome->done) return failure(std::string(outcome->message.data()), outcome->code);
  return {};
}

}  // namespace fracas::agent::clock
