#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/os/fd.h"

namespace fracas::os {

// Lines in both directions over two descriptors, or one and its copy: pipes or a TCP connection. All deadlines are
// CLOCK_BOOTTIME. Thread: one that sends and one that receives, at a time.
class LineStream {
 public:
  static constexpr std::size_t kLineMax = 16u << 20;  // bytes

  // ERRORS: as fcntl(2).
  static Result<LineStream> over(UniqueFd from, UniqueFd to);
  // Connects to an IPv4 address by TCP; what is not acknowledged for a second breaks the connection.
  // ERRORS: ECONNREFUSED, ETIMEDOUT and others of connect(2).
  static Result<LineStream> connect(const std::string& address, std::uint16_t port, std::int64_t deadline_ns);

  // Sends a line, to which the newline is added. ERRORS: ETIMEDOUT, EPIPE; afterwards only part of it may be sent.
  Status send(std::string_view line, std::int64_t deadline_ns);
  // The next line, without its newline. ERRORS: ETIMEDOUT; EPIPE at the end of the stream, EMSGSIZE for a line that is
  // too long.
  Result<std::string> receive(std::int64_t deadline_ns);
  void close();

 private:
  LineStream(UniqueFd from, UniqueFd to) : from_(std::move(from)), to_(std::move(to)) {}
  UniqueFd from_;
  UniqueFd to_;
  std::string received_;     // what came and was not given out yet
  std::size_t scanned_ = 0;  // of `received_`: holds no newline
};

// Makes a TCP connection one for lines: no delay, and broken when something is not acknowledged for a second.
Status tune_for_lines(int socket);

}  // namespace fracas::os
