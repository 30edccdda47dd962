#pragma once
#include <cstdint>
#include <vector>

#include "lib/base/result.h"
#include "targets/node/wire/socket.h"

namespace fracas::node {

// Says which descriptors are ready (epoll, level triggered). Each is known by a token of the caller's choice.
// A closed descriptor leaves by itself.
class Poller {
 public:
  struct Ready {
    std::uint64_t token = 0;
    bool readable = false;  // also at the end of the stream and on errors
    bool writable = false;
  };

  // ERRORS: epoll_create1(2)'s.
  static Result<Poller> open();

  Status add(int fd, std::uint64_t token, bool want_write);
  void change(int fd, std::uint64_t token, bool want_write);
  // Blocks until something is ready; empty when a signal came in between. ERRORS: epoll_wait(2)'s.
  Result<std::vector<Ready>> wait();

 private:
  explicit Poller(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  UniqueFd epoll_;
};

}  // namespace fracas::node
