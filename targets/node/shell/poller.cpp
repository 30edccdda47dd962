#include "targets/node/shell/poller.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace fracas::node {
namespace {

epoll_event interest(std::uint64_t token, bool want_write) {
  epoll_event event{};
  event.events = EPOLLIN | (want_write ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.u64 = token;
  return event;
}

}  // namespace

Result<Poller> Poller::open() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return system_failure("epoll_create1");
  return Poller(std::move(epoll));
}

Status Poller::add(int fd, std::uint64_t token, bool want_write) {
  epoll_event event = interest(token, want_write);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return system_failure("epoll_ctl");
  return {};
}

void Poller::change(int fd, std::uint64_t token, bool want_write) {
  epoll_event event = interest(token, want_write);
  // Cannot fail for a descriptor that was added and is open.
  static_cast<void>(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event));
}

Result<std::vector<Poller::Ready>> Poller::wait() {
  std::array<epoll_event, 128> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
  if (count < 0 && errno != EINTR) return system_failure("epoll_wait");
  std::vector<Ready> ready;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    ready.push_back({event.data.u64, (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0,
                     (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0});
  }
  return ready;
}

}  // namespace fracas::node
