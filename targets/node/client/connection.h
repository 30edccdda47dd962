#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "targets/node/wire/frame.h"
#include "targets/node/wire/socket.h"

namespace fracas::node {

// CLOCK_MONOTONIC, nanoseconds: what deadlines below are measured in.
std::int64_t monotonic_ns();
// Waits until a deadline, or for an event (poll(2)'s POLLIN, POLLOUT) on `fd` where it is not -1. True: the event came.
bool wait_until(int fd, short events, std::int64_t deadline_ns);

// A client's connection to one node, made when needed and kept while it works.
class Connection {
 public:
  explicit Connection(const Address& address) : address_(address) {}

  // No effect where it is open already. ERRORS: ECONNREFUSED, …; ETIMEDOUT at the deadline. Nothing was sent then.
  Status open(std::int64_t deadline_ns);
  // What a payload that came is to the request under way.
  enum class Match : std::uint8_t { answer, other, malformed };
  // Sends a request and waits for its answer, which `match` knows. After an error the connection is closed and the
  // request may or may not have arrived. ERRORS: ETIMEDOUT at the deadline; a broken connection; a malformed payload.
  Status ask(std::string_view request, const std::function<Match(std::string_view payload)>& match,
             std::int64_t deadline_ns);
  void close();

 private:
  Status send_all(std::string_view bytes, std::int64_t deadline_ns);
  Status receive(const std::function<Match(std::string_view payload)>& match, std::int64_t deadline_ns);

  Address address_;
  os::UniqueFd socket_;
  FrameReader reader_{kAnswerFrameMax};
};

}  // namespace fracas::node
