#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

// Why an attempt has no answer, in the words of histories: "timeout", "connection refused", "connection broken", or the
// error's own.
std::string reason_of(const Error& error);

// Asks and waits for an answer that `answer_in` finds in a payload: nothing where it is another request's.
// ERRORS: as Connection::ask, and `answer_in`'s.
template <typename Answer, typename AnswerIn>
Result<Answer> ask_for(Connection& connection, std::string_view request, AnswerIn answer_in, std::int64_t deadline_ns) {
  Answer answer;
  const auto match = [&](std::string_view payload) {
    auto found = answer_in(payload);
    if (!found) return Connection::Match::malformed;
    if (!*found) return Connection::Match::other;
    answer = std::move(**found);
    return Connection::Match::answer;
  };
  auto asked = connection.ask(request, match, deadline_ns);
  if (!asked) return failure(std::move(asked).error());
  return answer;
}

}  // namespace fracas::node
