#include "lib/os/line_stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/os/clock.h"

namespace fracas::os {
namespace {

constexpr std::size_t kReadAtOnce = 64u << 10;
constexpr int kUnacknowledgedMaxMs = 1000;

// False when the time is over.
bool wait_for(int fd, short events, std::int64_t deadline_ns) {
  for (;;) {
    const std::int64_t left_ms = std::max<std::int64_t>(0, (deadline_ns - boot_now_ns() + 999'999) / 1'000'000);
    pollfd waiting{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left_ms, 3'600'000)));
    if (ready > 0) return true;
    if (ready == 0 && left_ms == 0) return false;
  }
}

Status finish_connect(int fd, std::int64_t deadline_ns) {
  if (!wait_for(fd, POLLOUT, deadline_ns)) return failure("connect: no answer in time", ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return system_failure("connect");
  if (error != 0) return system_failure("connect", error);
  return {};
}

// A write that nobody can read any more raises SIGPIPE in the thread that writes. EPIPE says it as well, so the signal
// is taken back, unless one was there before.
class HeldSigpipe {
 public:
  HeldSigpipe() {
    sigset_t pending{};
    ::sigpending(&pending);
    if (sigismember(&pending, SIGPIPE) == 1) return;
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    held_ = ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_) == 0;
  }
  HeldSigpipe(const HeldSigpipe&) = delete;
  HeldSigpipe& operator=(const HeldSigpipe&) = delete;
  ~HeldSigpipe() {
    if (!held_) return;
    const timespec at_once{};
    while (::sigtimedwait(&sigpipe_, nullptr, &at_once) < 0 && errno == EINTR) continue;
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
  bool held_ = false;
};

}  // namespace

Status tune_for_lines(int socket) {
  const int on = 1;
  if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
      ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMaxMs, sizeof kUnacknowledgedMaxMs) != 0)
    return system_failure("socket options");
  return {};
}

Result<LineStream> LineStream::over(UniqueFd from, UniqueFd to) {
  for (const int fd : {from.get(), to.get()})
    if (::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) return system_failure("descriptor of a stream");
  return LineStream(std::move(from), std::move(to));
}

Result<LineStream> LineStream::connect(const std::string& address, std::uint16_t port, std::int64_t deadline_ns) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1)
    return failure(address + " is no IPv4 address", EINVAL);
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return system_failure("socket");
  if (auto tuned = tune_for_lines(socket.get()); !tuned) return failure(std::move(tuned).error());
  // The socket interface takes every address as one type.
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    if (errno != EINPROGRESS) return system_failure("connect");
    if (auto done = finish_connect(socket.get(), deadline_ns); !done) return failure(std::move(done).error());
  }
  UniqueFd copy(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return system_failure("socket");
  return over(std::move(socket), std::move(copy));
}

Status LineStream::send(std::string_view line, std::int64_t deadline_ns) {
  const HeldSigpipe held;
  std::string text(line);
  text += '\n';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t wrote = ::write(to_.get(), text.data() + sent, text.size() - sent);
    if (wrote > 0) {
      sent += static_cast<std::size_t>(wrote);
    } else if (errno == EAGAIN) {
      if (!wait_for(to_.get(), POLLOUT, deadline_ns)) return failure("nobody reads what is sent", ETIMEDOUT);
    } else if (errno != EINTR) {
      return system_failure("send");
    }
  }
  return {};
}

Result<std::string> LineStream::receive(std::int64_t deadline_ns) {
  for (;;) {
    const std::size_t newline = received_.find('\n', scanned_);
    if (newline != std::string::npos) {
      std::string line = received_.substr(0, newline);
      received_.erase(0, newline + 1);
      scanned_ = 0;
      return line;
    }
    scanned_ = received_.size();
    if (received_.size() > kLineMax) return failure("a line that does not end", EMSGSIZE);
    std::array<char, kReadAtOnce> buffer;
    const ssize_t got = ::read(from_.get(), buffer.data(), buffer.size());
    if (got > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return failure("the other side closed the connection", EPIPE);
    } else if (errno == EAGAIN) {
      if (!wait_for(from_.get(), POLLIN, deadline_ns)) return failure("no answer in time", ETIMEDOUT);
    } else if (errno != EINTR) {
      return system_failure("receive");
    }
  }
}

void LineStream::close() {
  from_.reset();
  to_.reset();
}

}  // namespace fracas::os
