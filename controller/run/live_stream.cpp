#include "controller/run/live_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "lib/os/clock.h"

namespace fracas::controller {
namespace {

constexpr std::int64_t kCloseWaitNs = 5'000'000'000;
constexpr int kPatienceMs = 200;
constexpr std::string_view kOperations = R"({"type":"ops")";

}  // namespace

Result<std::unique_ptr<LiveStream>> LiveStream::open(const std::string& where) {
  const bool number = !where.empty() && where.size() < 7 && where.find_first_not_of("0123456789") == std::string::npos;
  os::UniqueFd out(number ? ::fcntl(std::atoi(where.c_str()), F_DUPFD_CLOEXEC, 3)
                          : ::open(where.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!out) return system_failure("--live " + where);
  return std::unique_ptr<LiveStream>(new LiveStream(std::move(out)));
}

LiveStream::LiveStream(os::UniqueFd out) : out_(std::move(out)) {
  thread_ = std::jthread([this] { write_until_closed(); });
}

LiveStream::~LiveStream() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    deadline_ns_ = os::boot_now_ns() + kCloseWaitNs;
  }
  wake_.notify_one();
  thread_.join();
}

void LiveStream::say(std::string line) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kWaitingMax && line.starts_with(kOperations)) return;
    waiting_.push_back(std::move(line) + "\n");
  }
  wake_.notify_one();
}

void LiveStream::write_until_closed() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::string line = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const bool written = write(line);
    lock.lock();
    if (!written) return;
  }
}

// False when nobody reads any more, or not before the deadline.
bool LiveStream::write(std::string_view text) {
  while (!text.empty()) {
    // poll(2) says that a pipe takes PIPE_BUF bytes without blocking; more at once might.
    pollfd waiting{.fd = out_.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, kPatienceMs) > 0) {
      const ssize_t written = ::write(out_.get(), text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
      if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
      if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    const std::scoped_lock lock(mutex_);
    if (closing_ && os::boot_now_ns() > deadline_ns_) return false;
  }
  return true;
}

}  // namespace fracas::controller
