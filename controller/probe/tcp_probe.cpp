#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "controller/probe/probe_kinds.h"
#include "lib/model/probe.pb.h"
#include "lib/os/clock.h"
#include "lib/os/fd.h"

namespace fracas::controller {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// A conversation with a bound.
class Talk {
 public:
  Talk(const ProbeRoom& room, std::int64_t deadline_ns) : room_(room), deadline_ns_(deadline_ns) {}

  Status connect(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
      return failure(fmt::format("{}: {}", host, gai_strerror(error)));
    const Addresses addresses(found);
    Status last = failure(host + ": no address");
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
      if (last = connect_to(*each); last) return last;
    return last;
  }

  Status send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0)
        text.remove_prefix(static_cast<std::size_t>(sent));
      else if (errno != EAGAIN)
        return system_failure("send");
      else if (auto ready = wait(POLLOUT); !ready)
        return ready;
    }
    return {};
  }

  // Some bytes more; nothing at the end of the stream.
  Result<std::string> receive() {
    std::array<char, 4096> buffer{};
    if (auto ready = wait(POLLIN); !ready) return failure(std::move(ready).error());
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return system_failure("receive");
    return std::string(buffer.data(), static_cast<std::size_t>(got));
  }

 private:
  Status connect_to(const addrinfo& address) {
    socket_ =
        os::UniqueFd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
    if (!socket_) return system_failure("socket");
    if (::connect(socket_.get(), address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return system_failure("connect");
    if (auto ready = wait(POLLOUT); !ready) return ready;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return system_failure("connect", error);
    return {};
  }

  // In slices, so that it is soon seen when it is to stop.
  Status wait(short events) {
    while (!room_.stopping.stop_requested()) {
      const std::int64_t rest_ms = (deadline_ns_ - os::boot_now_ns()) / 1'000'000;
      if (rest_ms <= 0) return failure("no answer in time", ETIMEDOUT);
      pollfd look{.fd = socket_.get(), .events = events, .revents = 0};
      const int ready = ::poll(&look, 1, static_cast<int>(std::min<std::int64_t>(rest_ms, 50)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return system_failure("poll");
    }
    return failure("stopped", ECANCELED);
  }

  const ProbeRoom& room_;
  std::int64_t deadline_ns_;
  os::UniqueFd socket_;
};

}  // namespace

Judged ask_tcp(const model::TcpProbe& probe, const ProbeRoom& room, std::int64_t deadline_ns) {
  const std::string address = with_addresses(probe.address(), room.addresses, true);
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Talk talk(room, deadline_ns);
  if (auto connected = talk.connect(host, address.substr(colon + 1)); !connected)
    return {.says = connected.error().message};
  if (auto sent = talk.send(probe.send()); !sent) return {.says = sent.error().message};
  if (!asks(probe.tolerance())) return {.passed = true, .says = "connected"};
  std::string answer;
  while (answer.size() < kAnswerMax) {
    auto more = talk.receive();
    if (!more && answer.empty()) return {.says = more.error().message};
    if (!more || more->empty()) break;
    answer += *more;
    if (Judged judged = judge(probe.tolerance(), answer); judged.passed) return judged;
  }
  return judge(probe.tolerance(), answer);
}

}  // namespace fracas::controller
