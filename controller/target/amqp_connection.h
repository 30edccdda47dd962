#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/quantity.h"

struct amqp_connection_state_t_;

namespace fracas::controller {

// A connection to one server that speaks AMQP 0-9-1, with one channel on which publications are confirmed. Thread: one.
class AmqpConnection {
 public:
  enum class Outcome : std::uint8_t {
    done,
    returned,  // of a publication: no such queue, nothing was done
    refused,   // never left, or the server says that it did nothing
    unknown,   // sent, perhaps
  };
  struct Reply {
    Outcome outcome = Outcome::unknown;
    std::vector<std::string> messages = {};  // of take()
    std::string error = {};
  };

  explicit AmqpConnection(std::string address, int port = 5672);
  AmqpConnection(AmqpConnection&&) noexcept;
  ~AmqpConnection();

  // All connect where that is not done, as user guest, and wait at most until the deadline (CLOCK_BOOTTIME). After any
  // outcome but `done` and `returned` the next one connects anew.

  // Makes a durable queue of that type ("quorum", "classic"); one that exists already is no error.
  Reply declare(const std::string& queue, const std::string& type, std::int64_t deadline_ns);
  // Sends a persistent message to that queue and waits for the confirmation. A negative one is `unknown`.
  Reply publish(const std::string& queue, const std::string& body, std::int64_t deadline_ns);
  // Takes one message, or none of an empty queue, and then acknowledges it. That is not answered: it may come again.
  Reply take(const std::string& queue, std::int64_t deadline_ns);
  // Takes all that the queue holds, and only then acknowledges them: up to then none is gone.
  Reply take_all(const std::string& queue, std::int64_t deadline_ns);

 private:
  struct Free {
    void operator()(amqp_connection_state_t_* connection) const;
  };
  std::optional<std::string> connect(std::int64_t deadline_ns);  // what went wrong
  Reply broken(Outcome outcome, std::string error);
  std::optional<std::string> receive_content(std::string& body, std::int64_t deadline_ns);
  std::optional<std::string> receive_delivery(Reply& reply, std::uint64_t& tag, std::int64_t deadline_ns);
  Reply acknowledge(Reply reply, std::uint64_t last_tag);

  std::string address_;
  int port_;
  std::unique_ptr<amqp_connection_state_t_, Free> connection_;
};

}  // namespace fracas::controller
