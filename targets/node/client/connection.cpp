#include "targets/node/client/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "targets/node/wire/greeting.h"

namespace fracas::node {

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

bool wait_until(int fd, short events, std::int64_t deadline_ns) {
  for (;;) {
    const std::int64_t left = std::max<std::int64_t>(0, deadline_ns - monotonic_ns());
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    pollfd one{fd, events, 0};
    const int ready = ppoll(&one, 1, &timeout, nullptr);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

std::string reason_of(const Error& error) {
  switch (error.code) {
    case ETIMEDOUT:
      return "timeout";
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
    case EPIPE:
      return "connection broken";
    default:
      return error.message;
  }
}

void Connection::close() {
  socket_.reset();
  reader_ = FrameReader(kAnswerFrameMax);
}

Status Connection::open(std::int64_t deadline_ns) {
  if (socket_) {
    // The other end may have gone since the last call; then this one starts afresh, before anything is sent.
    char byte = 0;
    const ssize_t got = recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {};
    close();
  }
  auto socket = start_connect(address_);
  if (!socket) return failure(std::move(socket).error());
  if (!wait_until(socket->get(), POLLOUT, deadline_ns)) return system_failure("connect", ETIMEDOUT);
  if (const int error = socket_error(socket->get()); error != 0) return system_failure("connect", error);
  close();
  socket_ = std::move(*socket);
  return send_all(make_frame(encode(Hello{Hello::Kind::client, ""})), deadline_ns);
}

Status Connection::ask(std::string_view request, const std::function<Match(std::string_view payload)>& match,
                       std::int64_t deadline_ns) {
  Status answer = send_all(make_frame(request), deadline_ns);
  if (answer) answer = receive(match, deadline_ns);
  // An answer that comes after all must not meet the next request.
  if (!answer) close();
  return answer;
}

Status Connection::send_all(std::string_view bytes, std::int64_t deadline_ns) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_until(socket_.get(), POLLOUT, deadline_ns)) return system_failure("send", ETIMEDOUT);
    } else if (errno != EINTR) {
      return system_failure("send");
    }
  }
  return {};
}

Status Connection::receive(const std::function<Match(std::string_view payload)>& match, std::int64_t deadline_ns) {
  char chunk[16384];
  for (;;) {
    auto bytes = reader_.next();
    if (!bytes) return failure(std::move(bytes).error());
    if (*bytes) {
      const Match matched = match(**bytes);
      if (matched == Match::malformed) return failure("malformed answer");
      if (matched == Match::answer) return {};
      continue;
    }
    if (!wait_until(socket_.get(), POLLIN, deadline_ns)) return system_failure("receive", ETIMEDOUT);
    const ssize_t got = recv(socket_.get(), chunk, sizeof(chunk), 0);
    if (got == 0) return system_failure("receive", ECONNRESET);
    if (got < 0 && errno != EINTR && errno != EAGAIN) return system_failure("receive");
    if (got > 0) reader_.feed(std::string_view(chunk, static_cast<std::size_t>(got)));
  }
}

}  // namespace fracas::node
