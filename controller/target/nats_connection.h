#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lib/base/quantity.h"
#include "lib/base/result.h"

struct __natsConnection;

namespace fracas::controller {

// A request that a NATS server passes on to whoever answers requests on its subject.
struct NatsRequest {
  std::string subject;
  std::string body = {};
  // Only if the last message of the subject has this number; 0: if there is none (Nats-Expected-Last-Subject-Sequence).
  std::optional<std::uint64_t> last_sequence = {};
};

// A connection to one NATS server, made at the first request. Thread: one; the library has more of its own, which end
// with the connection.
class NatsConnection {
 public:
  // Starts the threads that all connections share, in the network namespace of this thread, and keeps them for as long
  // as the program runs. To be called before the first connection by a thread that is not in the lab, whose namespace
  // would otherwise be held. ERRORS: there is no memory.
  static Status open_library();

  explicit NatsConnection(std::string url);  // "nats://10.77.0.11:4222"
  NatsConnection(NatsConnection&&) noexcept;
  NatsConnection& operator=(NatsConnection&&) noexcept;
  ~NatsConnection();

  // Waits for the reply, at most `timeout`. ERRORS: ECONNREFUSED where the request did not leave, ENOENT where the
  // server knows nobody who would answer; else it may have been done. Afterwards the next request connects anew, but
  // after ENOENT.
  Result<std::string> ask(const NatsRequest& request, Duration timeout);

 private:
  struct Free {
    void operator()(__natsConnection* connection) const;
  };
  Status connect(std::int64_t timeout_ms);

  std::string url_;
  std::unique_ptr<__natsConnection, Free> connection_;
};

}  // namespace fracas::controller
