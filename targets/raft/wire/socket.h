#pragma once
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"

namespace fracas::raft {

// Owns a file descriptor; -1 = none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// Where a member listens: an IPv4 or IPv6 literal and a port.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Reads "10.77.0.1:7000" or "[fd00::1]:7000"; names are not resolved. Port 1 to 65535.
// ERRORS: one line that names the text.
Result<Address> parse_address(std::string_view text);

// A listening, non-blocking, close-on-exec socket that may be bound again at once. ERRORS: EADDRINUSE, EADDRNOTAVAIL, …
Result<UniqueFd> listen_on(const Address& address);

// Starts to connect without waiting: the socket is writable once connected or failed (SO_ERROR tells).
// It sends without delay. ERRORS: what connect(2) refuses at once.
Result<UniqueFd> start_connect(const Address& address);

// The pending error of a socket, 0 = none: what became of start_connect.
int socket_error(int fd);

// Small frames leave at once; the other end's silence is noticed within about 30 s even while nothing is sent.
void tune_connection(int fd);

}  // namespace fracas::raft
