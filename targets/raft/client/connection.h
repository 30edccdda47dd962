#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "targets/raft/wire/codec.h"
#include "targets/raft/wire/frame.h"
#include "targets/raft/wire/socket.h"

namespace fracas::raft {

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
  // Sends a request and waits for its answer. After an error the connection is closed and the request may or may
  // not have arrived. ERRORS: ETIMEDOUT at the deadline; a broken connection; bytes that are no answer.
  Result<ClientAnswer> ask(const ClientRequest& request, std::int64_t deadline_ns);
  void close();

 private:
  Status send_all(std::string_view bytes, std::int64_t deadline_ns);
  Result<ClientAnswer> receive(std::uint64_t id, std::int64_t deadline_ns);

  Address address_;
  UniqueFd socket_;
  FrameReader reader_{kAnswerFrameMax};
};

}  // namespace fracas::raft
