#include "targets/node/shell/channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace fracas::node {
namespace {

// Read in one go at most, so that one loud connection does not starve the others.
constexpr std::size_t kReadMax = 1U << 20U;

}  // namespace

bool Channel::send(std::string_view payload) {
  if (backlog() && out_.size() - begin_ + payload.size() > backlog_max_) return false;
  out_ += make_frame(payload);
  return true;
}

Status Channel::flush() {
  while (backlog()) {
    const ssize_t sent = ::send(socket_.get(), out_.data() + begin_, out_.size() - begin_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      stuck_ = true;
      break;
    }
    if (sent < 0) return system_failure("send");
    if (std::exchange(stuck_, false)) progress_ = true;
    begin_ += static_cast<std::size_t>(sent);
  }
  if (!backlog()) {
    out_.clear();
    begin_ = 0;
  } else if (begin_ > out_.size() / 2) {
    out_.erase(0, begin_);
    begin_ = 0;
  }
  return {};
}

Result<std::vector<std::string>> Channel::receive() {
  std::size_t total = 0;
  char chunk[65536];
  while (total < kReadMax) {
    const ssize_t got = recv(socket_.get(), chunk, sizeof(chunk), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got < 0) return system_failure("receive");
    if (got == 0 && total == 0) return failure("closed by the other end");
    if (got == 0) break;  // what came before the end still counts
    reader_.feed(std::string_view(chunk, static_cast<std::size_t>(got)));
    total += static_cast<std::size_t>(got);
  }
  std::vector<std::string> payloads;
  for (;;) {
    auto bytes = reader_.next();
    if (!bytes) return failure(std::move(bytes).error());
    if (!*bytes) return payloads;
    payloads.push_back(std::move(**bytes));
  }
}

}  // namespace fracas::node
